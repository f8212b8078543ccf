"use strict";
// What only the office uses. Every page works without it.
(function () {
  const typing = (element) => element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "radio" && element.type !== "checkbox" || element.isContentEditable);

  // "/" leads to the search.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const link = document.querySelector("[data-slash]");
    if (!link) return;
    event.preventDefault();
    location.href = link.href;
  });

  // Ctrl+Enter submits the page's form.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest && event.target.closest("form") || document.querySelector("[data-photos], form[data-bench]");
    if (form && form.requestSubmit) { event.preventDefault(); form.requestSubmit(); }
  });

  // Photo review by keyboard.
  const table = document.querySelector("[data-photos]");
  if (table) {
    const cards = Array.from(table.querySelectorAll("[data-card]"));
    const status = table.querySelector("[data-chosen]");
    let at = 0;
    const draw = () => {
      let chosen = 0;
      cards.forEach((card) => {
        const one = card.querySelector("input[type=radio]:checked");
        card.classList.toggle("is-ok", Boolean(one && one.value === "approve"));
        card.classList.toggle("is-bad", Boolean(one && one.value === "reject"));
        card.querySelector("[data-why]").hidden = !(one && one.value === "reject");
        if (one) chosen += 1;
      });
      status.textContent = "已选 " + chosen + " 张，共 " + cards.length + " 张";
    };
    const go = (place) => {
      at = Math.max(0, Math.min(cards.length - 1, place));
      cards[at].focus();
      cards[at].scrollIntoView({ block: "nearest" });
    };
    table.addEventListener("focusin", (event) => {
      const card = event.target.closest("[data-card]");
      if (card) at = cards.indexOf(card);
    });
    table.addEventListener("change", (event) => {
      const select = event.target;
      if (select.name === "code") {
        const typed = select.parentElement.querySelector("[name=reason]");
        typed.placeholder = select.selectedOptions[0].dataset.text || typed.placeholder;
      }
      draw();
    });
    // In a reason: Enter goes on to the next photo, Esc back to this one. Enter alone must not hand in the page.
    table.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !event.target.closest("[data-why]")) return;
      if (event.key === "Enter") go(at + 1); else if (event.key === "Escape") go(at); else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const card = cards[at];
      const choose = (value) => {
        const radio = card.querySelector("input[value=" + value + "]");
        radio.checked = true;
        draw();
      };
      switch (event.key) {
        case "j": case "J": go(at + 1); break;
        case "k": case "K": go(at - 1); break;
        case "1": choose("approve"); go(at + 1); break;
        case "2": choose("reject"); card.querySelector("[name=code]").focus(); break;
        case "0": card.querySelectorAll("input[type=radio]").forEach((radio) => { radio.checked = false; }); draw(); break;
        default: return;
      }
      event.preventDefault();
    });
    draw();
    if (cards.length && !document.querySelector("[data-errors]")) go(0);
  }

  // A list with rows to choose: all of the page at once, and how many are chosen.
  document.querySelectorAll("form[data-bulk]").forEach((form) => {
    const boxes = Array.from(form.querySelectorAll("input[name=pick]"));
    const all = form.querySelector("[data-all]");
    const status = form.querySelector("[data-chosen]");
    const before = status.textContent;
    const draw = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      boxes.forEach((box) => box.closest("tr").classList.toggle("is-on", box.checked));
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
      status.textContent = chosen > 0 ? "已选 " + chosen + " 条，共 " + boxes.length + " 条可以选" : before;
    };
    all.hidden = boxes.length === 0;
    all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); draw(); });
    form.addEventListener("change", draw);
    window.addEventListener("pageshow", draw);
  });

  // The review bench by keyboard: 1 2 3 choose, J K walk the queue, N writes. A reason begins with its template's words.
  const bench = document.querySelector("[data-bench]");
  if (bench) {
    const reason = bench.querySelector("[name=reason]");
    const code = bench.querySelector("[name=code]");
    const items = bench.querySelector("#f-items");
    let given = "";
    const choose = (value) => {
      const radio = bench.querySelector("input[name=decision][value=" + value + "]");
      if (!radio) return;
      radio.checked = true;
      if (items) items.open = value === "return";
      // Only the reasons that belong to the decision; those of the other one would be refused.
      if (code) {
        code.querySelectorAll("optgroup").forEach((group) => { group.disabled = value !== "approve" && group.dataset.decision !== value; });
        const chosen = code.selectedOptions[0];
        if (value === "approve" || chosen && chosen.parentElement.disabled) {
          if (reason && reason.value === given) { reason.value = ""; given = ""; }
          code.value = "";
        }
      }
      if (value !== "approve" && code) code.focus();
    };
    bench.querySelectorAll("input[name=decision]").forEach((radio) => radio.addEventListener("change", () => choose(radio.value)));
    if (code && reason) code.addEventListener("change", () => {
      const text = code.selectedOptions[0].dataset.text || "";
      const group = code.selectedOptions[0].parentElement.dataset.decision;
      if (group) bench.querySelector("input[name=decision][value=" + group + "]").checked = true;
      if (items && group) items.open = group === "return";
      if (reason.value.trim() === "" || reason.value === given) { reason.value = text; given = text; }
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const walk = (step) => {
        const all = Array.from(document.querySelectorAll(".bk-queue > a"));
        const at = all.findIndex((a) => a.hasAttribute("aria-current"));
        const next = all[at + step];
        if (next) location.href = next.href;
      };
      switch (event.key) {
        case "1": case "2": case "3": {
          const radio = bench.querySelectorAll("input[name=decision]")[Number(event.key) - 1];
          if (!radio) return;
          choose(radio.value);
          if (!code) radio.focus();
          break;
        }
        case "j": case "J": walk(1); break;
        case "k": case "K": walk(-1); break;
        case "n": case "N": if (reason) reason.focus(); break;
        default: return;
      }
      event.preventDefault();
    });
  }

  // A small editor over a text area that holds HTML. What it can't express, the server's sanitiser would drop anyway.
  document.querySelectorAll("textarea[data-rich]").forEach((area) => {
    const box = document.createElement("div");
    box.className = "bk-editor";
    const bar = document.createElement("div");
    bar.className = "bk-editor-bar";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "格式");
    const body = document.createElement("div");
    body.className = "bk-editor-body bk-prose";
    body.contentEditable = "true";
    body.setAttribute("role", "textbox");
    body.setAttribute("aria-multiline", "true");
    const label = document.querySelector("label[for='" + area.id + "']");
    body.setAttribute("aria-label", label ? label.textContent : "正文");
    body.innerHTML = area.value.indexOf("<") < 0 ? area.value.split(/\n\s*\n/).map((part) => {
      const p = document.createElement("p");
      p.textContent = part;
      return p.outerHTML;
    }).join("") : area.value;
    const run = (command, value) => { body.focus(); document.execCommand(command, false, value); save(); };
    const save = () => { area.value = body.innerHTML; };
    [["小标题", () => run("formatBlock", "h2")], ["段落", () => run("formatBlock", "p")], ["加粗", () => run("bold")],
      ["项目列表", () => run("insertUnorderedList")], ["编号列表", () => run("insertOrderedList")],
      ["链接", () => { const to = prompt("链接地址（https://…）"); if (to) run("createLink", to); }],
      ["清除格式", () => { run("removeFormat"); run("unlink"); }],
      ["撤销", () => run("undo")]].forEach(([text, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", act);
      bar.append(button);
    });
    document.execCommand("defaultParagraphSeparator", false, "p");
    body.addEventListener("input", save);
    area.form.addEventListener("submit", save, true);
    area.hidden = true;
    area.removeAttribute("required");
    box.append(bar, body);
    area.before(box);
  });

  // 准考证版式: a picture beside the text, a moment after the typing. Tab indents; after Esc it leaves, as everywhere.
  const layout = document.querySelector("textarea[data-layout]");
  if (layout) {
    const find = (name) => document.querySelector("[data-layout-" + name + "]");
    const picture = find("picture"), faults = find("faults"), status = find("status");
    let timer = 0, asked = 0, leaving = false;
    const show = (said) => {
      faults.replaceChildren(...said.faults.map((text) => {
        const line = document.createElement("li");
        line.textContent = text;
        return line;
      }));
      faults.hidden = said.faults.length === 0;
      status.textContent = said.faults.length ? "有 " + said.faults.length + " 处要改" : "已更新";
      if (!said.picture) return;
      const before = picture.src;
      picture.src = URL.createObjectURL(new Blob([said.picture], { type: "image/svg+xml" }));
      picture.hidden = false;
      if (before) URL.revokeObjectURL(before);
    };
    const draw = () => {
      const number = asked += 1;
      status.textContent = "正在排版…";
      fetch(layout.dataset.layout, { method: "POST", body: new URLSearchParams(new FormData(layout.form)) })
        .then((answer) => answer.ok ? answer.json() : Promise.reject(answer.status))
        .then((said) => { if (number === asked) show(said); })
        .catch(() => { if (number === asked) status.textContent = "预览没有更新，请稍后再试；仍不行的，先复制写好的内容再刷新页面"; });
    };
    const soon = (wait) => { clearTimeout(timer); timer = setTimeout(draw, wait); };
    layout.addEventListener("input", () => soon(600));
    layout.form.elements.case.addEventListener("change", () => soon(0));
    layout.addEventListener("keydown", (event) => {
      if (event.key === "Tab" && !event.shiftKey && !leaving) {
        event.preventDefault();
        layout.setRangeText("  ", layout.selectionStart, layout.selectionEnd, "end");
        soon(600);
      }
      leaving = event.key === "Escape";
    });
    draw();
  }
})();
