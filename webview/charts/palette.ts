/** The theme's colours as the canvas takes them. */
export interface Palette {
  /** One a run, in order; they begin anew after the last. */
  readonly runs: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly warning: string;
  readonly fontFamily: string;
  /** Lines instead of faint fills, nothing half-transparent. */
  readonly isHighContrast: boolean;
}

/**
 * Names of the theme's colours, those first that all colour deficiencies tell apart. The orange is our own: that of the
 * theme's charts is half-transparent, and too dark for a line.
 */
const runColors = [
  "charts-blue",
  "rewardLens-negative",
  "charts-purple",
  "charts-green",
  "charts-red",
  "charts-yellow",
] as const;

/** Reads the colours the workbench gives the page as variables. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const variable = (name: string, fallback: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || fallback;
  const classes = document.body.classList;
  const isHighContrast =
    classes.contains("vscode-high-contrast") || classes.contains("vscode-high-contrast-light");
  const text = variable("foreground", "#888888");
  return {
    runs: runColors.map((name) => variable(name, variable("charts-orange", text))),
    text: isHighContrast ? text : variable("descriptionForeground", text),
    grid: isHighContrast ? variable("contrastBorder", text) : variable("charts-lines", "#80808040"),
    warning: variable("errorForeground", text),
    fontFamily: variable("font-family", "sans-serif"),
    isHighContrast,
  };
}

/** Tells when the theme changed: the workbench then sets other classes on the body and other variables on the root. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
}
