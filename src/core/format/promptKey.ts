/**
 * A group's name from the text that its rollouts share, where the log names none: FNV-1a over UTF-16 units, twice with
 * different seeds: 64 bits, so that different prompts do not meet.
 */
export function promptKey(text: string): string {
  let a = 0x811c9dc5;
  let b = 0xcbf29ce4;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
  }
  return `prompt ${(a >>> 0).toString(16).padStart(8, "0")}${(b >>> 0).toString(16).padStart(8, "0")}`;
}
