// Text encodings are in every runtime this core runs in, but not in the language's own library.
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array): string;
}

declare class TextEncoder {
  encode(text?: string): Uint8Array;
}
