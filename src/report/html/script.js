// What a page can do beyond being read: sort and search in tables, a window of the hits over time,
// copying a change. Everything is there without it.
(() => {
  "use strict";

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, " ");
  let ids = 0;

  // A row is out of sight if a search, or the window of time, says so.
  const show = (row, why, shown) => {
    row.classList.toggle("out-" + why, !shown);
    row.hidden = row.classList.contains("out-search") || row.classList.contains("out-time");
  };

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell ? cell.dataset.v ?? cell.textContent.trim() : "";
  };
  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    return a !== "" && b !== "" && !Number.isNaN(x) && !Number.isNaN(y)
      ? x - y
      : a.localeCompare(b, "en", { numeric: true });
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.classList.contains("x")) return;
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending"
          || head.getAttribute("aria-sort") === null && head.classList.contains("n");
        const sign = down ? -1 : 1;
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => sign * compare(key(a, column), key(b, column)));
        table.tBodies[0].append(...rows);
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
      });
    });
  };

  const counted = new Map();
  const recount = () => counted.forEach((count) => count());

  const searchable = (table) => {
    const id = "search-" + ++ids;
    const name = table.caption ? table.caption.textContent.trim() : "the table";
    const field = make("input", { type: "search", id, autocomplete: "off" });
    const said = make("output", { htmlFor: id });
    const label = make("label", { htmlFor: id }, "Search");
    label.append(make("span", { className: "sr" }, " in: " + name));
    table.closest(".scroll").before(make("div", { className: "tools" }, label, field, said));
    const rows = [...table.tBodies[0].rows];
    const count = () => {
      const shown = rows.filter((row) => !row.hidden).length;
      said.textContent = shown === rows.length
        ? grouped(rows.length) + (rows.length === 1 ? " row" : " rows")
        : grouped(shown) + " of " + grouped(rows.length);
    };
    counted.set(table, count);
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      rows.forEach((row) => show(row, "search", row.textContent.toLowerCase().includes(wanted)));
      count();
    });
    count();
  };

  const copyable = (text) => {
    const button = make("button", { type: "button", className: "btn" }, "Copy");
    button.addEventListener("click", async () => {
      let done = true;
      try {
        await navigator.clipboard.writeText(text.textContent);
      } catch {
        // no clipboard for a file from disk: the text is selected, to be copied by hand
        getSelection().selectAllChildren(text);
        done = document.execCommand("copy");
      }
      button.textContent = done ? "Copied" : "Selected";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    text.after(make("div", { className: "tools" }, button));
  };

  // A window of the hits over time: dragged in the picture, or set by two sliders.
  const brush = (chart, history) => {
    const svg = chart.querySelector("svg");
    const axis = document.getElementById("history-axis");
    const columns = history.times.length - 1;
    if (columns < 2) return;
    const slider = (text, value) => {
      const id = "window-" + ++ids;
      const input = make("input", { type: "range", id, min: 0, max: columns, value });
      const label = make("label", { htmlFor: id }, text);
      return { input, pair: make("span", { className: "pair" }, label, " ", input) };
    };
    const from = slider("From", 0);
    const to = slider("to", columns);
    const whole = make("button", { type: "button", className: "btn" }, "All of it");
    const said = make("p", { className: "note" });
    said.setAttribute("role", "status");
    const tools = make("div", { className: "tools" }, from.pair, to.pair, whole);
    chart.parentElement.append(tools, said);
    const rows = [...document.querySelectorAll("tr[data-first]")];
    const select = (begin, end) => {
      from.input.value = begin;
      to.input.value = end;
      for (const [input, at] of [[from.input, begin], [to.input, end]]) {
        input.setAttribute("aria-valuetext", history.times[at]);
      }
      svg.setAttribute("viewBox", `${begin} 0 ${end - begin} 100`);
      const labels = [begin, Math.floor((begin + end) / 2), end];
      [...axis.children].forEach((label, at) => { label.textContent = history.times[labels[at]]; });
      const all = begin === 0 && end === columns;
      const sums = history.series.map((series) => [
        series.failregex === null ? "others" : "failregex " + series.failregex,
        series.hits.slice(begin, end).reduce((sum, hits) => sum + hits, 0),
      ]);
      const total = sums.reduce((sum, [, hits]) => sum + hits, 0);
      const parts = sums.filter(([, hits]) => hits > 0).map(([name, hits]) => name + ": " + grouped(hits));
      said.textContent = all
        ? "Drag in the picture, or move the sliders, to look at a part of the time."
        : `${history.times[begin]} to ${history.times[end]}: ${grouped(total)} hits. ${parts.join(", ")}`;
      const [first, last] = [begin, end].map((at) => history.start + at * history.step);
      rows.forEach((row) => {
        const inside = all || row.dataset.first < last && row.dataset.last >= first;
        show(row, "time", inside);
      });
      recount();
    };
    const order = (a, b) => select(Math.min(a, b, columns - 1), Math.max(a, b, Math.min(a, b) + 1));
    const slid = () => order(Number(from.input.value), Number(to.input.value));
    from.input.addEventListener("input", slid);
    to.input.addEventListener("input", slid);
    whole.addEventListener("click", () => select(0, columns));
    const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    box.setAttribute("class", "sel");
    box.setAttribute("height", 100);
    let began = null;
    const place = (event) => {
      const frame = svg.getBoundingClientRect();
      const view = svg.viewBox.baseVal;
      const part = (event.clientX - frame.left) / frame.width;
      return Math.min(Math.max(view.x + part * view.width, view.x), view.x + view.width);
    };
    svg.addEventListener("pointerdown", (event) => {
      began = place(event);
      box.setAttribute("width", 0);
      svg.append(box);
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (began === null) return;
      const now = place(event);
      box.setAttribute("x", Math.min(began, now));
      box.setAttribute("width", Math.abs(now - began));
    });
    const end = (event) => {
      if (began === null) return;
      const [a, b] = [began, place(event)];
      began = null;
      box.remove();
      if (Math.abs(a - b) > svg.viewBox.baseVal.width / 200) {
        order(Math.floor(Math.min(a, b)), Math.ceil(Math.max(a, b)));
      }
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", () => { began = null; box.remove(); });
    select(0, columns);
  };

  document.querySelectorAll("table.data").forEach((table) => {
    if (table.tHead && table.tBodies.length === 1 && table.tBodies[0].rows.length > 1) {
      sortable(table);
      searchable(table);
    }
  });
  document.querySelectorAll("pre.copy").forEach(copyable);
  const data = document.getElementById("report");
  const chart = document.getElementById("history");
  if (data && chart) brush(chart, JSON.parse(data.textContent).history);
})();
