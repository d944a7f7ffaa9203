"use strict";
// Keeps the page fresh and sends its forms without leaving it. Without this script every form still works.
(() => {
  const body = document.body;
  const log = document.getElementById("log");
  const text = document.getElementById("text");
  const problem = document.getElementById("problem");
  const trace = document.getElementById("trace");
  let version = Number(body.dataset.version);
  let tracedMessage = null;
  let awaitedTrace = null; // the newest message, until the product has decided on it; it may decide to keep silent
  let looksLeft = 0;
  const LOOKS_FOR_A_TRACE = 60;

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  // To the end, but never past the beginning of what answers the reader's last message.
  function toNews() {
    const mine = [...log.querySelectorAll('[data-direction="in"]')].pop();
    toEnd();
    if (mine && log.lastElementChild !== mine) log.scrollTop = Math.min(log.scrollTop, mine.offsetTop - log.offsetTop - 10);
  }
  let following = true; // the reader is at the end, so new things pull the view along
  log.addEventListener("scroll", () => { following = atEnd(); });
  log.addEventListener("load", () => { if (following) toNews(); }, true);
  const query = (more) => new URLSearchParams({ oa_id: body.dataset.oa, user_id: body.dataset.user, ...more });

  function tell(words) {
    problem.textContent = words || "";
    problem.hidden = !words;
  }

  // Only what is new or changed is touched, so that a screen reader hears each message once.
  function mergeLog(html) {
    const fresh = document.createElement("div");
    fresh.innerHTML = html;
    const stay = following;
    const wanted = new Set([...fresh.children].map((item) => item.id));
    [...log.children].forEach((item) => { if (!wanted.has(item.id)) item.remove(); });
    let added = false;
    for (const item of [...fresh.children]) {
      const known = document.getElementById(item.id);
      if (!known) { log.append(item); added = true; continue; }
      const now = item.querySelector(".meta"), before = known.querySelector(".meta");
      if (now && before && now.textContent !== before.textContent) before.textContent = now.textContent;
    }
    if (added && stay) toNews();
    return added;
  }

  function replaceKeepingOpen(id, html) {
    const place = document.getElementById(id);
    if (place.contains(document.activeElement)) {
      const holder = document.activeElement.closest("form");
      if (holder) return;
    }
    const open = [...place.querySelectorAll("details")].map((item) => item.open);
    place.innerHTML = html;
    place.querySelectorAll("details").forEach((item, index) => { item.open = open[index] || false; });
  }

  async function showTrace(messageId) {
    tracedMessage = messageId;
    awaitedTrace = null;
    log.querySelectorAll(".traced").forEach((item) => item.classList.remove("traced"));
    const item = document.getElementById("m-" + messageId);
    if (item) item.classList.add("traced");
    const answer = await fetch("/trace-panel?" + query({ msg_id: messageId }));
    if (answer.ok && tracedMessage === messageId) trace.innerHTML = await answer.text();
  }

  async function lookForTrace() {
    const messageId = awaitedTrace;
    if (!messageId || !looksLeft) return;
    looksLeft -= 1;
    const answer = await fetch("/trace-panel?" + query({ msg_id: messageId }));
    const found = answer.ok && (await answer.text()).includes('class="steps"');
    if ((found || !looksLeft) && awaitedTrace === messageId) await showTrace(messageId);
  }

  async function refresh(more) {
    try {
      const answer = await fetch("/fragments?" + query({ version, ...more }));
      const news = await answer.json();
      if (news.version < version) return true; // overtaken by a later question
      version = news.version;
      if (news.log === undefined) return true;
      const added = mergeLog(news.log);
      replaceKeepingOpen("status", news.status);
      replaceKeepingOpen("person", news.person);
      const mine = log.querySelectorAll('[data-direction="in"]');
      if (added && mine.length) {
        awaitedTrace = mine[mine.length - 1].id.slice(2);
        looksLeft = LOOKS_FOR_A_TRACE;
      }
      return true;
    } catch {
      version = 0; // the emulator is restarting, and counts anew
      return false;
    }
  }

  async function round() {
    // While a trace is awaited the page asks at short intervals, else the answer comes when there is news.
    const reached = await refresh(awaitedTrace ? {} : { wait: 1 });
    await lookForTrace().catch(() => {});
    setTimeout(round, reached ? (awaitedTrace ? 150 : 0) : 1000);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-live")) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const composing = form.classList.contains("composer");
    if (composing && data.get("kind") === "text" && !text.value.trim()) return;
    if (composing) {
      text.value = "";
      resize();
      form.querySelector("details").open = false;
    }
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
    const result = await answer.json().catch(() => ({ problem: "Không làm được." }));
    tell(result.problem);
    await refresh();
    if (composing || form.closest(".buttons")) { following = true; toNews(); }
  });

  document.addEventListener("click", (event) => {
    const why = event.target.closest(".why");
    if (why) showTrace(why.dataset.message);
    const menu = document.querySelector(".attach[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector(".attach[open]");
    if (event.key === "Escape" && menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  function resize() {
    text.style.height = "auto";
    text.style.height = Math.min(text.scrollHeight, 120) + "px";
  }
  text.addEventListener("input", resize);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      text.form.requestSubmit(text.form.querySelector(".send"));
    }
  });

  document.getElementById("photo").addEventListener("change", (event) => {
    if (event.target.files.length) document.getElementById("photo-form").requestSubmit();
    event.target.value = "";
  });

  const pick = document.getElementById("pick");
  pick.addEventListener("change", (event) => {
    if (event.target.name === "oa_id") pick.querySelector('[name="user_id"]').disabled = true;
    pick.submit();
  });

  toNews();
  if (matchMedia("(min-width: 801px)").matches) text.focus();
  const mine = log.querySelectorAll('[data-direction="in"]');
  if (mine.length) showTrace(mine[mine.length - 1].id.slice(2));
  round();
})();
