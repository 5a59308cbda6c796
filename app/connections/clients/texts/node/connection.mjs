// Where the server is, who we are and how it proves itself, from an address and the environment.
export function connection(url) {
  // Taken apart here: drivers differ in how they decode its parts, and in what they make of an sslmode in it.
  const address = new URL(url ?? '');
  return {
    host: address.hostname.replace(/^\[|\]$/g, ''),
    port: Number(address.port || 5432),
    user: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    database: decodeURIComponent(address.pathname.slice(1)),
    ssl: tls(),
  };
}

// What PGSSLMODE asks for, in node's words.
function tls() {
  const mode = process.env.PGSSLMODE ?? 'verify-full';
  if (mode === 'disable') return false;
  if (mode === 'require') return { rejectUnauthorized: false }; // encrypted, but whoever answers is believed
  const ca = process.env.DATABASE_CA;
  if (mode === 'verify-full') return { ca };
  if (!ca) throw new Error('DATABASE_CA has to hold the root certificate of the server, which no public list knows');
  // The server's certificate names localhost and not its address, so the name is not compared. The chain is: only who
  // holds a key signed by this root gets the password, where `rejectUnauthorized: false` would let anybody in.
  return { ca, checkServerIdentity: () => undefined };
}
