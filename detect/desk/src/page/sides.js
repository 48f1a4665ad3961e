// Clip and master side by side: the clip from this browser, the master from the desk, and a slider over frames that were compared.
"use strict";
// Clips that this browser keeps for the player, the newest, and the bytes of the largest.
const CLIPS = 6, LARGEST = 512 * 1024 * 1024;

function clips(mode, work) {
  return new Promise((done, failed) => {
    const open = indexedDB.open("desk", 1);
    open.onupgradeneeded = () => open.result.createObjectStore("clips");
    open.onerror = () => failed(open.error);
    open.onsuccess = () => {
      const change = open.result.transaction("clips", mode), asked = work(change.objectStore("clips"));
      change.oncomplete = () => { open.result.close(); done(asked.result); };
      change.onerror = () => { open.result.close(); failed(change.error); };
    };
  });
}

// Keeps a clip that was sent, under its job; a browser that keeps nothing asks for it again.
async function keepClip(job, file) {
  if (file.size > LARGEST) return;
  try {
    await clips("readwrite", (store) => store.put({ file, at: Date.now() }, job));
    const keys = await clips("readonly", (store) => store.getAllKeys()), all = await clips("readonly", (store) => store.getAll());
    const old = keys.map((key, n) => [all[n].at, key]).sort((a, b) => b[0] - a[0]).slice(CLIPS);
    for (const [, key] of old) await clips("readwrite", (store) => store.delete(key));
  } catch (error) { console.info("the clip is not kept for the player", error.name); }
}

function forgetClips() { indexedDB.deleteDatabase("desk"); }

// Where the master is when the clip is at `t`, and how fast it goes there.
function follows(lines, t) {
  const line = lines.find(([q0, q1]) => t >= q0 && t <= q1);
  if (!line) return null;
  const [q0, q1, r0, r1] = line, speed = q1 > q0 ? (r1 - r0) / (q1 - q0) : 0;
  return { time: r0 + (t - q0) * speed, speed };
}

function cursor(player) {
  const strip = player.closest("figure").querySelector(".rail-strip"), line = strip.querySelector(".cursor");
  const [from, to] = [Number(strip.dataset.from), Number(strip.dataset.to)];
  const x = Math.max(0, Math.min(1000, 1000 * (player.currentTime - from) / (to - from)));
  line.setAttribute("x1", x); line.setAttribute("x2", x);
}

function players(sides) {
  const lines = JSON.parse(sides.dataset.lines), clip = document.getElementById("clip-player"), master = document.getElementById("master-player");
  const together = document.getElementById("together");
  const show = (file) => {
    document.getElementById("no-clip").hidden = true;
    const url = URL.createObjectURL(file);
    if (file.type.startsWith("image/")) {
      const still = document.createElement("img");
      still.src = url; still.alt = "The clip"; clip.replaceWith(still);
    } else { clip.src = url; clip.hidden = false; }
  };
  document.getElementById("again").addEventListener("change", (event) => { if (event.target.files[0]) show(event.target.files[0]); });
  clips("readonly", (store) => store.get(document.getElementById("job").dataset.job)).then((known) => { if (known) show(known.file); }, () => {});
  const lead = (force) => {
    cursor(clip);
    const to = master && together.checked && follows(lines, clip.currentTime);
    if (!to) { if (master && together.checked) master.pause(); return; }
    // Backwards no player plays: it is led from moment to moment.
    const plays = !clip.paused && to.speed > 0.1 && to.speed < 8;
    if (force || !plays || Math.abs(master.currentTime - to.time) > 0.25) master.currentTime = to.time;
    if (plays) { master.playbackRate = to.speed * clip.playbackRate; if (master.paused) master.play().catch(() => {}); } else master.pause();
  };
  for (const name of ["timeupdate", "play", "pause", "ratechange"]) clip.addEventListener(name, () => lead(false));
  clip.addEventListener("seeked", () => lead(true));
  if (master) master.addEventListener("timeupdate", () => cursor(master));
  for (const button of document.querySelectorAll("[data-jump]")) button.addEventListener("click", () => {
    const [q0, , r0] = lines[Number(button.dataset.jump)];
    if (!clip.hidden && clip.src) clip.currentTime = q0;
    if (master) master.currentTime = r0;
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const sides = document.getElementById("sides");
  if (sides) players(sides);
  for (const slider of document.querySelectorAll("[data-compare]")) {
    const over = slider.closest("figure").querySelector(".over");
    const move = () => over.style.setProperty("clip-path", "inset(0 " + (100 - Number(slider.value)) + "% 0 0)");
    slider.addEventListener("input", move); move();
  }
  for (const form of document.querySelectorAll('form[action="/session/end"]')) form.addEventListener("submit", forgetClips);
});
