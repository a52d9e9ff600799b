import type { CurvesEvents, CurvesHostApi } from "../src/protocol/webview.ts";
import type { Host } from "./page.ts";

/** The other side of the curves panel. */
export type CurvesHost = Host<CurvesHostApi, CurvesEvents>;
