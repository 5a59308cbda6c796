import createClient from "openapi-fetch";

export function pgmanager(url, key) {
  return createClient({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
}
