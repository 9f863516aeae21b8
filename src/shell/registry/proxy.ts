import { BlockList, isIP } from "node:net";

/** Environment variables, as data. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What we need of an answer; the global `fetch` and undici's both have it. */
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** What we ask `fetch` for. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}

/** The part of `fetch` that the client stands on. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>;

/**
 * Makes a `fetch` that goes through the proxies of `env`. Node's own knows none before 24, so undici is loaded when, and
 * only when, a proxy applies.
 */
export function createFetch(env: Env): FetchLike {
  const agents = new Map<string, Promise<FetchLike>>();
  return async (url, init) => {
    const proxy = proxyFor(new URL(url), env);
    if (proxy === undefined) return fetch(url, init);
    const through = agents.get(proxy) ?? fetchThrough(proxy);
    agents.set(proxy, through);
    return (await through)(url, init);
  };
}

async function fetchThrough(proxy: string): Promise<FetchLike> {
  const uri = proxyUrl(proxy);
  const undici = await import("undici");
  const user = `${decodeURIComponent(uri.username)}:${decodeURIComponent(uri.password)}`;
  const token = user === ":" ? undefined : `Basic ${Buffer.from(user).toString("base64")}`;
  uri.username = "";
  uri.password = "";
  // Without a tunnel for http: that is what every proxy allows; CONNECT is often for port 443 only.
  const dispatcher = new undici.ProxyAgent({
    uri: uri.href,
    proxyTunnel: false,
    ...(token !== undefined && { token }),
  });
  return (url, init) => undici.fetch(url, { ...init, dispatcher });
}

function proxyUrl(proxy: string): URL {
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
  } catch {
    throw new TypeError("the proxy of HTTPS_PROXY or HTTP_PROXY is not a URL");
  }
}

/** The proxy for `url`, by the rules that Go's programs follow (docker, crane): never for loopback, `NO_PROXY` wins. */
export function proxyFor(url: URL, env: Env): string | undefined {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = variable(env, name);
  if (proxy === undefined || isLoopback(url.hostname)) return undefined;
  const entries = (variable(env, "NO_PROXY") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.some((entry) => isExempt(url, entry.toLowerCase())) ? undefined : proxy;
}

/** Reports whether a host name means this machine. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, "");
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function variable(env: Env, name: string): string | undefined {
  return [env[name], env[name.toLowerCase()]].find((value) => value !== undefined && value.trim() !== "")?.trim();
}

/** Cases of an entry: `*`, a network (10.0.0.0/8), a host with or without port, `.domain` and `*.domain`. */
function isExempt(url: URL, entry: string): boolean {
  if (entry === "*") return true;
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
  if (entry.includes("/")) return isInNetwork(host, entry);
  const { name, port } = splitPort(entry);
  if (port !== undefined && port !== (url.port || (url.protocol === "https:" ? "443" : "80"))) return false;
  if (name.startsWith("*.") || name.startsWith(".")) return host.endsWith(name.replace(/^\*/, ""));
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function splitPort(entry: string): { name: string; port: string | undefined } {
  if (isIP(entry) === 6) return { name: entry, port: undefined };
  const match = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry);
  return { name: match?.[1] ?? entry, port: match?.[2] };
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const prefix = Number(bits);
  const isNetwork = isIP(network) !== 0 && /^\d+$/.test(bits) && prefix <= (family === "ipv6" ? 128 : 32);
  if (!isNetwork || isIP(host) !== isIP(network)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(host, family);
}
