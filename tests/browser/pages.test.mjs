// The pages of all commands in Chromium, as .ci/browser runs it:
//
//     F2B=target/debug/f2b-regex SHOTS=target/pages node --test tests/browser
//
// Each is opened at 1280 and at 400 pixels, light, dark, printed and without script; screenshots
// stay in SHOTS, to be looked at.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { PAGES, write } from "./inputs.mjs";

const program = resolve(process.env.F2B ?? "target/debug/f2b-regex");
const shots = resolve(process.env.SHOTS ?? "target/pages");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const place = mkdtempSync(join(tmpdir(), "f2b-pages-"));
const made = {};
let browser;

before(async () => {
  mkdirSync(shots, { recursive: true });
  write(place);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const env = { PATH: process.env.PATH, TZ: "UTC", LC_ALL: "C.UTF-8", F2B_CONFIG: join(place, "config") };
  for (const [name, command] of Object.entries(PAGES)) {
    const run = promisify(execFile)(program, [...command, "--format", "html"], { cwd: place, env, maxBuffer: 1 << 26 });
    // a doctor or a check that finds something ends with 1
    const { stdout, stderr } = await run.catch((error) => error);
    assert.match(stdout, /<\/html>\s*$/, `${name}: ${stderr}`);
    made[name] = join(shots, `${name}.html`);
    writeFileSync(made[name], stdout);
  }
});

after(async () => {
  await browser?.close();
  rmSync(place, { recursive: true });
});

// Opens a page; `use` gets it, and nothing may go wrong on it meanwhile.
const open = async (name, options, use) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const wrong = [];
  page.on("console", (message) => wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  const own = pathToFileURL(made[name]).href;
  page.on("request", (request) => {
    if (request.url() !== own && !request.url().startsWith("data:")) wrong.push(`asks for ${request.url()}`);
  });
  await page.goto(own);
  await use(page);
  await context.close();
  assert.deepEqual(wrong, []);
};

const accessible = async (page) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const told = found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
  assert.deepEqual(told, []);
};

// Nothing but boxes of their own scrolls sideways.
const fits = async (page) => {
  const [content, frame] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(content <= frame, `${content} pixels of content in ${frame}`);
};

const open_all = (page) => page.evaluate(() => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
});

for (const name of Object.keys(PAGES)) {
  describe(name, () => {
    for (const [tag, options] of [
      ["1280", {}],
      ["400", { viewport: { width: 400, height: 800 } }],
      ["dark", { colorScheme: "dark" }],
    ]) {
      test(`at ${tag}`, () => open(name, options, async (page) => {
        await fits(page);
        await page.screenshot({ path: join(shots, `${name}-${tag}.png`), fullPage: true });
        await open_all(page);
        await fits(page);
        await accessible(page);
      }));
    }

    test("in print", () => open(name, {}, async (page) => {
      const pdf = await page.pdf({ path: join(shots, `${name}.pdf`), format: "A4", preferCSSPageSize: true });
      assert.ok(pdf.length > 10_000);
      // as wide as the paper between its margins
      await page.setViewportSize({ width: 703, height: 1017 });
      await page.emulateMedia({ media: "print" });
      await fits(page);
      const torn = await page.evaluate(() => {
        const says = (query, property) => [...document.querySelectorAll(query)]
          .filter((one) => getComputedStyle(one)[property] !== "avoid")
          .map((one) => one.outerHTML.slice(0, 100));
        const small = [...document.querySelectorAll(".scroll")].filter((one) => one.querySelectorAll("tr").length < 4);
        return [
          ...says("caption, thead, tbody tr:first-child, h2, h3", "breakAfter"),
          ...says(".together, tr, .say", "breakInside"),
          ...small.filter((one) => getComputedStyle(one).breakInside !== "avoid").map((one) => one.ariaLabel),
        ];
      });
      assert.deepEqual(torn, []);
    }));

    test("without script", () => open(name, { javaScriptEnabled: false }, async (page) => {
      await page.locator("h1").waitFor();
      assert.equal(await page.locator("button, input").count(), 0);
    }));

    test("tables sort and search", () => open(name, {}, async (page) => {
      await open_all(page);
      for (const table of await page.locator("table.data").all()) {
        const rows = table.locator("tbody tr");
        const all = await rows.count();
        if (all < 2) continue;
        const head = table.locator("thead th:has(button)").first();
        await head.locator("button").click();
        const once = await rows.first().textContent();
        const sorted = await head.getAttribute("aria-sort");
        await head.locator("button").click();
        assert.notEqual(await head.getAttribute("aria-sort"), sorted);
        await head.locator("button").click();
        assert.equal(await rows.first().textContent(), once);
        const search = table.locator("xpath=../preceding-sibling::div[1]//input");
        await search.fill("no such text anywhere");
        assert.equal(await table.locator("tbody tr:visible").count(), 0);
        await search.fill("");
        assert.equal(await table.locator("tbody tr:visible").count(), all);
      }
    }));
  });
}

describe("the main job's page", () => {
  const addresses = "section[aria-labelledby=addresses] table";

  test("sorts by what is meant", () => open("main", {}, async (page) => {
    const hits = () => page.locator(`${addresses} tbody td:nth-child(2)`).evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.v)));
    const by_number = (a, b) => a - b;
    const button = page.locator(`${addresses} th`, { hasText: "Hits" }).locator("button");
    await button.click();
    const down = await hits();
    assert.deepEqual(down, [...down].sort(by_number).reverse());
    await button.click();
    const up = await hits();
    assert.deepEqual(up, [...up].sort(by_number));
    assert.ok(up.length > 20 && up[0] < up[up.length - 1]);
  }));

  test("searches", () => open("main", {}, async (page) => {
    await page.locator(addresses).locator("xpath=../preceding-sibling::div[1]//input").fill("198.51.100.");
    const rows = page.locator(`${addresses} tbody tr:visible`);
    assert.equal(await rows.count(), 4);
    assert.match(await page.locator("section[aria-labelledby=addresses] output").textContent(), /^4 of /);
  }));

  test("shows a window of time", () => open("main", {}, async (page) => {
    const chart = page.locator("#history svg");
    const whole = await chart.getAttribute("viewBox");
    const frame = await chart.boundingBox();
    const y = frame.y + frame.height / 2;
    await page.mouse.move(frame.x + frame.width * 0.55, y);
    await page.mouse.down();
    await page.mouse.move(frame.x + frame.width * 0.65, y, { steps: 4 });
    await page.mouse.up();
    assert.notEqual(await chart.getAttribute("viewBox"), whole);
    const status = page.locator("section[aria-labelledby=time] [role=status]");
    assert.match(await status.textContent(), /2026-11-20 .* to 2026-11-20 .*: \d+ hits/);
    const shown = await page.locator(`${addresses} tbody tr:visible`).count();
    await page.screenshot({ path: join(shots, "main-window.png"), fullPage: true });
    await page.getByRole("button", { name: "All of it" }).click();
    assert.equal(await chart.getAttribute("viewBox"), whole);
    assert.ok(shown < await page.locator(`${addresses} tbody tr:visible`).count());
    // the same by keyboard
    await page.getByLabel("From").focus();
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await chart.getAttribute("viewBox"), whole);
    assert.match(await page.getByLabel("From").getAttribute("aria-valuetext"), /^2026-/);
  }));

  test("opens a regex to its lines, in colours", () => open("main", {}, async (page) => {
    const row = page.locator("#failregex-1");
    assert.equal(await row.locator(".lines li").first().isVisible(), false);
    await row.locator("summary").click();
    const line = row.locator(".lines li").first();
    assert.equal(await line.isVisible(), true);
    for (const [kind, text] of [["date", /^2026-11-20 /], ["host", /^(203\.0\.113|198\.51\.100)\./], ["user", /^\S+$/], ["session", /gate\[/]]) {
      assert.match(await line.locator(`.m-${kind}`).first().textContent(), text);
    }
    assert.equal(await row.locator(".lines li").count(), 20);
    const colour = (element) => getComputedStyle(element).backgroundColor;
    const inLine = await line.locator(".m-host").evaluate(colour);
    assert.equal(await row.locator("summary .m-host").first().evaluate(colour), inLine);
    await page.screenshot({ path: join(shots, "main-regex.png"), fullPage: true });
    // docs/page.png is this one
    await page.evaluate(() => document.querySelectorAll("#failregex-1 .lines li:nth-child(n + 6)").forEach((one) => one.remove()));
    await page.setViewportSize({ width: 1280, height: 1180 });
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: join(shots, "readme.png") });
  }));

  test("copies a change", () => open("doctor", {}, async (page) => {
    const button = page.getByRole("button", { name: "Copy" }).first();
    await button.click();
    await page.getByRole("button", { name: /Copied|Selected/ }).first().waitFor();
  }));

  test("can be used by keyboard, and shows where one is", () => open("main", {}, async (page) => {
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return document.activeElement === document.body || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      });
      assert.ok(seen, `after ${step + 1} times Tab`);
    }
  }));

  test("shows hostile lines as text", () => open("main", {}, async (page) => {
    await open_all(page);
    const text = await page.locator("main").textContent();
    assert.ok(text.includes("</script><img/src=x/onerror=alert(1)>"));
    assert.ok(text.includes("\\u{202e}txet\\u{7}"));
    assert.equal(await page.locator("img").count(), 0);
  }));

  test("is small and opens fast", () => open("main", {}, async (page) => {
    const [bytes, ready] = await page.evaluate(() => [document.documentElement.outerHTML.length, window.performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd]);
    assert.ok(bytes < 1_000_000, `${bytes} bytes`);
    console.log(`main: ${bytes} bytes, ready after ${Math.round(ready)} ms`);
  }));
});
