import type { StoreEvents } from "../protocol/store.ts";

/** How the store tells what nobody asked for. */
export type StoreTeller = <K extends keyof StoreEvents>(event: K, value: StoreEvents[K]) => void;
