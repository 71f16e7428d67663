// The portal comes up, serves what the build made, and its first page works in a browser.

import assert from "node:assert/strict";

export const portal = { lab: 0 };

export default [
  [
    "health checks answer",
    async ({ portal }) => {
      for (const path of ["/healthz", "/readyz", "/metrics"]) assert.equal((await fetch(portal.url + path)).status, 200, path);
    },
  ],
  [
    "it prints a sign-in link",
    async ({ portal, eventually }) => {
      assert.ok(await eventually("the link is printed", () => portal.signInLink));
    },
  ],
  [
    "the first page loads hashed, compressed files that may be cached for ever",
    async ({ portal, page }) => {
      const files = [];
      page.on("response", (response) => files.push(response));
      await page.goto("/");
      await page.waitForLoadState("networkidle");
      for (const kind of ["js", "wasm", "css"]) {
        const response = files.find((file) => new RegExp(`/pkg/annex\\.[0-9a-f]{16}\\.${kind}$`).test(file.url()));
        assert.ok(response, `a hashed .${kind} was loaded from ${portal.url}`);
        const headers = await response.allHeaders();
        assert.ok(["br", "gzip"].includes(headers["content-encoding"]), `${response.url()} is compressed`);
        assert.match(headers["cache-control"] ?? "", /immutable/, response.url());
      }
    },
  ],
];
