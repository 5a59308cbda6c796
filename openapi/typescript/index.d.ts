import type { Client } from "openapi-fetch";
import type { paths } from "./schema.js";

export type * from "./schema.js";

/** Every call answers `{ data, error, response }`; `error` is the problem document of what was refused. */
export declare function pgmanager(url: string, key: string): Client<paths>;
