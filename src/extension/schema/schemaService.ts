import {
  type CompletionItem,
  getLanguageService,
  InsertTextFormat,
  type JSONSchema,
  TextDocument,
} from "vscode-json-languageservice";

/** A completion for one line of a native log: what to show and what to put where, in characters of the line. */
export interface LineCompletion {
  readonly label: string;
  readonly doc: string;
  readonly insert: string;
  readonly isSnippet: boolean;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a line of a native log, in characters of the line. */
export interface LineProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** The JSON language service on one line at a time: a JSON Lines file is no JSON document. Loaded when first needed. */
export class SchemaService {
  readonly #service = getLanguageService({});
  readonly #schema: JSONSchema;

  constructor(schema: unknown) {
    this.#schema = schema as JSONSchema;
    this.#service.configure({
      validate: true,
      schemas: [{ uri: "schema:native", fileMatch: ["*"], schema: this.#schema }],
    });
  }

  async complete(line: string, character: number): Promise<readonly LineCompletion[]> {
    const document = TextDocument.create("line:line.json", "json", 0, line);
    const parsed = this.#service.parseJSONDocument(document);
    const list = await this.#service.doComplete(document, { line: 0, character }, parsed);
    return (list?.items ?? []).flatMap(toCompletion);
  }

  /** What in a line is no JSON, or not as the schema has it. */
  async validate(line: string): Promise<readonly LineProblem[]> {
    const document = TextDocument.create("line:line.json", "json", 0, line);
    const parsed = this.#service.parseJSONDocument(document);
    const problems = await this.#service.doValidation(document, parsed);
    return problems.map(({ message, range }) => ({
      message: typeof message === "string" ? message : message.value,
      from: document.offsetAt(range.start),
      to: document.offsetAt(range.end),
    }));
  }
}

function toCompletion({
  label,
  documentation,
  textEdit,
  insertTextFormat,
}: CompletionItem): LineCompletion[] {
  if (textEdit === undefined || !("range" in textEdit)) return [];
  const doc = typeof documentation === "string" ? documentation : (documentation?.value ?? "");
  const { start, end } = textEdit.range;
  const isSnippet = insertTextFormat === InsertTextFormat.Snippet;
  return [{ label, doc, insert: textEdit.newText, isSnippet, from: start.character, to: end.character }];
}
