// Phím tắt, thanh việc cho nhiều dòng, hoàn tác, tự cập nhật. Tắt tệp này thì mọi việc vẫn làm được bằng nút trên trang.
"use strict";

(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

  // --- chọn dòng -----------------------------------------------------------------------------------------------
  let current = -1;
  const rows = () => all("[data-list] [data-row]");

  function choose(index) {
    const list = rows();
    if (!list.length) return;
    current = Math.max(0, Math.min(index, list.length - 1));
    list.forEach((row, place) => row.classList.toggle("current", place === current));
    const link = list[current].querySelector("a");
    if (link) link.focus({ preventScroll: true });
    list[current].scrollIntoView({ block: "nearest" });
  }

  function countChosen() {
    all("[data-bulk]").forEach((bar) => {
      const form = bar.closest("form") || document;
      const count = all("[data-check]:checked", form).length;
      bar.hidden = count === 0;
      const text = bar.querySelector("[data-bulk-count]");
      if (text) text.textContent = `Với ${count} dòng đã chọn:`;
    });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-check-all]")) {
      const form = event.target.closest("form") || document;
      all("[data-check]", form).forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-check], [data-check-all]")) countChosen();
  });

  // --- phím tắt ------------------------------------------------------------------------------------------------
  const isTyping = (event) =>
    event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey ||
    event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open]");

  function press(key) {
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target) return false;
    const fold = target.closest("details");
    if (target.matches("summary")) {
      fold.open = true;
      const first = fold.querySelector("textarea, select, input:not([type=hidden])");
      (first || target).focus();
      return true;
    }
    if (fold) fold.open = true;
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (isTyping(event)) return;
    const list = rows();
    let done = true;
    if (event.key === "j") choose(current + 1);
    else if (event.key === "k") choose(current - 1);
    else if (event.key === "x" && list[current]) {
      const box = list[current].querySelector("[data-check]");
      if (box) { box.checked = !box.checked; countChosen(); }
    } else if (event.key === "Enter" && list[current] && event.target === document.body) {
      const link = list[current].querySelector("a");
      if (link) link.click();
    } else if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) search.focus(); else done = false;
    } else if (event.key === "?") {
      const sheet = document.getElementById("shortcuts");
      if (sheet) sheet.showModal();
    } else if ("eramn".includes(event.key) && event.key.length === 1) done = press(event.key);
    else done = false;
    if (done) event.preventDefault();
  });

  // --- hỏi lại trước việc không lùi được, chặn gửi hai lần --------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); return; }
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
    window.setTimeout(() => { delete event.target.dataset.sent; }, 5000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // --- hoàn tác trong mười giây ------------------------------------------------------------------------------------
  all("[data-undo]").forEach((toast) => {
    let held = false;
    ["mouseenter", "focusin"].forEach((name) => toast.addEventListener(name, () => { held = true; }));
    window.setTimeout(() => {
      const form = toast.querySelector("form");
      if (!held && form) form.hidden = true;
    }, 10000);
  });

  // --- tự cập nhật một mảnh: giãn dần khi không có gì mới, nghỉ khi thẻ bị che, không xen vào lúc đang gõ ------------
  all("[data-poll]").forEach((part) => {
    const first = Number(part.dataset.pollSeconds || 15) * 1000;
    let pause = first;
    const later = () => window.setTimeout(look, pause);
    async function look() {
      if (document.hidden || part.contains(document.activeElement)) { later(); return; }
      try {
        const answer = await fetch(part.dataset.poll, { headers: { "X-Hoixa-Poll": "1", "HX-Request": "true" } });
        if (answer.status === 401) return;
        const text = answer.ok ? await answer.text() : null;
        if (text !== null && text !== part.dataset.seen) {
          if (part.dataset.seen !== undefined || text.trim() !== part.innerHTML.trim()) part.innerHTML = text;
          part.dataset.seen = text;
          pause = first;
          window.htmx?.process(part);
        } else pause = Math.min(pause * 1.5, 120000);
      } catch { pause = Math.min(pause * 2, 120000); }
      later();
    }
    later();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) pause = first; });
  });

  // --- danh mục: mở sẵn trên màn rộng -------------------------------------------------------------------------------
  const wide = window.matchMedia("(min-width: 52.01rem)");
  const unfold = () => all("[data-fold]").forEach((fold) => { fold.open = wide.matches; });
  wide.addEventListener("change", unfold);
  unfold();
  countChosen();
  all("[data-focus]").forEach((summary) => summary.focus());
  all("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
})();
