// Uploads in pieces, progress as it comes. Plain script, one file, no other origin.
"use strict";
const PIECE = 8 * 1024 * 1024;
const byId = (id) => document.getElementById(id);
const say = (text) => { byId("said").textContent = text; };

async function api(method, path, body, headers) {
  const answer = await fetch(path, {
    method, credentials: "same-origin",
    headers: Object.assign({ "x-desk": "1" }, body && !(body instanceof Blob) ? { "content-type": "application/json" } : {}, headers || {}),
    body: body instanceof Blob ? body : body ? JSON.stringify(body) : undefined,
  });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : {};
  if (!answer.ok) { const error = new Error(json.detail || answer.statusText); error.status = answer.status; error.answer = answer; throw error; }
  return { json, answer };
}

// Sends a file in pieces; one that breaks off goes on from where the server is.
async function upload(file, origin, told) {
  const { json } = await api("POST", "/v1/uploads", Object.assign({ name: file.name || "pasted", size: file.size }, origin));
  let offset = 0, tries = 0;
  while (offset < file.size) {
    try {
      const { answer } = await api("PATCH", "/v1/uploads/" + json.id, file.slice(offset, offset + PIECE), { "upload-offset": String(offset) });
      offset = Number(answer.headers.get("upload-offset"));
      tries = 0;
    } catch (error) {
      if (++tries > 5 || (error.status && error.status !== 409 && error.status !== 408)) throw error;
      await new Promise((done) => setTimeout(done, 500 * tries));
      const now = await api("GET", "/v1/uploads/" + json.id);
      offset = now.json.offset;
    }
    told(offset / file.size);
  }
  return json.id;
}

function row(name) {
  const line = document.createElement("li"), link = document.createElement("a"), word = document.createElement("span"), bar = document.createElement("progress");
  link.textContent = name; word.className = "verdict quiet"; word.textContent = "sending"; bar.max = 1; bar.value = 0;
  line.append(link, word, bar);
  byId("jobs").prepend(line);
  if (byId("none")) byId("none").remove();
  return { line, link, word, bar };
}

async function examine(files) {
  const form = byId("drop");
  const [kind, chosen] = [form.elements.kind.value, form.elements.case.value];
  const origin = {};
  for (const name of ["source", "uploader", "platform"]) if (form.elements[name].value.trim()) origin[name] = form.elements[name].value.trim();
  for (const file of files) {
    const shown = row(file.name || "pasted");
    try {
      const id = await upload(file, origin, (share) => { shown.bar.value = share; });
      const body = { kind, upload: id };
      if (chosen) body.case = chosen;
      const { json } = await api("POST", "/v1/jobs", body);
      shown.link.href = "/jobs/" + json.id;
      shown.line.dataset.job = json.id;
      if (window.indexedDB) keepClip(json.id, file);
      follow(shown.line, json.id);
    } catch (error) {
      shown.word.textContent = error.message; shown.word.className = "verdict bad"; shown.bar.hidden = true;
    }
  }
}

// Shows what happens to a job until it ends, then what it says.
function follow(where, id) {
  const word = where.querySelector(".verdict"), bar = where.querySelector("progress"), stage = byId("stage");
  const events = new EventSource("/v1/jobs/" + id + "/events");
  events.onmessage = async (message) => {
    const said = JSON.parse(message.data);
    // The verdict stands before its frames and its bundle are there.
    if (where.dataset.state === said.state && said.state === "done") {
      if (!said.keeping) { events.close(); location.reload(); }
      return;
    }
    word.textContent = said.stage || said.state;
    if (stage) stage.textContent = said.stage ? said.stage + (said.done ? " " + said.done + (said.total ? " of " + said.total : "") : "") : "";
    if (said.total && said.done) { bar.max = said.total; bar.value = said.done; } else { bar.removeAttribute("value"); }
    if (said.state === "running" || said.state === "queued") return;
    events.close();
    if (where.id === "job") { location.reload(); return; }
    const page = await fetch("/", { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector('[data-job="' + id + '"]');
    if (fresh) { where.replaceWith(document.importNode(fresh, true)); say("done"); }
  };
}

document.addEventListener("DOMContentLoaded", () => {
  for (const one of document.querySelectorAll("[data-job]")) {
    if (one.dataset.state === "queued" || one.dataset.state === "running" || "keeping" in one.dataset) follow(one, one.dataset.job);
  }
  for (const time of document.querySelectorAll("[data-time]")) time.textContent = new Date(Number(time.dataset.time)).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  const drop = byId("drop");
  if (drop) {
    byId("files").addEventListener("change", (event) => { examine([...event.target.files]); event.target.value = ""; });
    for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    document.addEventListener("dragleave", () => drop.classList.remove("over"));
    document.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); examine([...event.dataTransfer.files]); });
    document.addEventListener("paste", (event) => { const files = [...event.clipboardData.files]; if (files.length) examine(files); });
    drop.addEventListener("submit", (event) => event.preventDefault());
  }
  const sends = (id, work) => { const form = byId(id); if (form) form.addEventListener("submit", (event) => { event.preventDefault(); work(form).catch((error) => say(error.message)); }); };
  sends("new-case", async (form) => { const { json } = await api("POST", "/v1/cases", { name: form.elements.name.value }); location.href = "/cases/" + json.id; });
  sends("new-note", async (form) => { await api("POST", "/v1/cases/" + form.dataset.case + "/notes", { text: form.elements.text.value }); location.reload(); });
  sends("new-rule", async (form) => {
    const own = form.elements, rule = { name: own.name.value, kind: own.kind.value, title: own.title.value || null };
    if (rule.kind === "burst") { rule.clips = Number(own.clips.value); rule.within_seconds = 60 * Number(own.minutes.value); }
    else if (own.before.value) rule.before = Date.parse(own.before.value);
    await api("POST", "/v1/rules", rule); location.reload();
  });
  sends("new-webhook", async (form) => {
    const own = form.elements, events = [...(own.rules.checked ? ["rule.fired"] : []), ...(own.jobs.checked ? ["job.ended"] : [])];
    const { json } = await api("POST", "/v1/webhooks", { url: own.url.value, events });
    byId("secret").textContent = "Its secret, told this once: " + json.secret;
    form.reset();
  });
  for (const button of document.querySelectorAll("[data-remove]")) button.addEventListener("click", () => api("DELETE", button.dataset.remove).then(() => location.reload(), (error) => say(error.message)));
  const cancel = byId("cancel");
  if (cancel) cancel.addEventListener("click", () => api("DELETE", "/v1/jobs/" + byId("job").dataset.job).then(() => location.reload(), (error) => say(error.message)));
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => { navigator.clipboard.writeText(byId(button.dataset.copy).value).then(() => say("copied"), () => byId(button.dataset.copy).select()); });
  const filter = byId("filter");
  if (filter) filter.addEventListener("input", () => { for (const one of document.querySelectorAll("[data-filter]")) one.hidden = !one.dataset.filter.toLowerCase().includes(filter.value.toLowerCase()); });
});
