import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createProxy } from "node:http";
import { createServer, type Server } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { singleImage } from "../support/image-content.ts";
import { testClient, told } from "../support/registry-client.ts";
import { systemSuite } from "../support/system.ts";

systemSuite("the registry client with TLS", { programs: ["openssl"] }, () => {
  const image = singleImage();
  let folder: string;
  let registry: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "registry-tls-"));
    const names = ["-subj", "/CN=registry.test", "-addext", "subjectAltName=DNS:registry.test", "-days", "2", "-nodes"];
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "ca.pem")];
    spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", ...names, ...files]);
    const pair = { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "ca.pem")) };
    registry = createServer(pair, (_, response) => {
      response.writeHead(200, { "docker-content-digest": image.digest }).end();
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    registry.closeAllConnections();
    registry.close();
    rmSync(folder, { recursive: true });
  });

  /** A proxy that leads every tunnel to the registry, and what it was asked for. */
  async function proxy(): Promise<{ url: string; asked: string[]; close: () => void }> {
    const asked: string[] = [];
    const server = createProxy().on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const upstream = connect((registry.address() as AddressInfo).port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, asked, close: () => server.close() };
  }

  it("tells a certificate that nobody vouches for", async () => {
    const { url, asked, close } = await proxy();
    const client = testClient({ env: { HTTPS_PROXY: url } });
    const { code, text } = told(await client.resolveDigest({ registry: "registry.test", repository: "x" }));
    close();
    expect(asked).toEqual(["registry.test:443"]);
    expect(code).toBe("registry-certificate");
    expect(text).toContain("NODE_EXTRA_CA_CERTS");
  });

  it("works through a tunnel once the authority is known", async () => {
    const { url, close } = await proxy();
    const client = join(import.meta.dirname, "../../src/shell/registry/index.ts");
    const script = `
      import { createRegistryClient } from ${JSON.stringify(client)};
      const client = createRegistryClient({ env: { HTTPS_PROXY: ${JSON.stringify(url)} } });
      client.resolveDigest({ registry: "registry.test", repository: "x" }).then((digest) => console.log(JSON.stringify(digest)));
    `;
    const program = join(folder, "client.cjs");
    const stdin = { contents: script, resolveDir: import.meta.dirname };
    await build({ stdin, bundle: true, platform: "node", format: "cjs", outfile: program, logLevel: "error" });
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"), NODE_NO_WARNINGS: "1" };
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [program], { env }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    });
    close();
    expect(JSON.parse(output)).toBe(image.digest);
  });
});
