// What a page owes to everybody beside axe's rules, or where those are not at hand: returns a list of what it does not keep.
const faults = [];
const shown = (one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== "hidden";
if (document.documentElement.scrollWidth > innerWidth + 1) faults.push("wider than the window: " + document.documentElement.scrollWidth);
if (!document.documentElement.lang || !document.title) faults.push("no language or no title");
const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push("twice: #" + id);
for (const one of document.querySelectorAll("input, select, textarea")) {
  if (shown(one) && !one.labels.length && !one.getAttribute("aria-label")) faults.push("no label: " + one.outerHTML);
}
for (const one of document.querySelectorAll("button, a")) {
  if (shown(one) && !one.textContent.trim() && !one.getAttribute("aria-label")) faults.push("no name: " + one.outerHTML);
}
for (const one of document.querySelectorAll("img")) if (!one.alt) faults.push("no alt: " + one.src);
for (const one of document.querySelectorAll("svg")) if (!one.getAttribute("aria-label")) faults.push("a drawing without words");
for (const one of document.querySelectorAll("[aria-labelledby]")) if (!document.getElementById(one.getAttribute("aria-labelledby"))) faults.push("labelled by nothing: " + one.getAttribute("aria-labelledby"));
if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter(shown).map((one) => Number(one.tagName[1]));
levels.forEach((level, at) => { if (at && level > levels[at - 1] + 1) faults.push("a heading is skipped before level " + level); });
if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
for (const name of ["aria-controls", "aria-describedby", "for"]) {
  for (const one of document.querySelectorAll("[" + name + "]")) {
    for (const id of one.getAttribute(name).split(/\s+/)) if (!document.getElementById(id)) faults.push(name + " leads nowhere: " + id);
  }
}
for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) faults.push("an order of its own: " + one.outerHTML.slice(0, 80));
for (const one of document.querySelectorAll("[aria-hidden=true] a, [aria-hidden=true] button, [aria-hidden=true] input")) faults.push("hidden, and takes the focus: " + one.outerHTML.slice(0, 80));
for (const one of document.querySelectorAll("table")) if (!one.querySelector("th")) faults.push("a table without heads");
for (const one of document.querySelectorAll("video, audio")) if (one.autoplay) faults.push("plays by itself");
const zoom = document.querySelector("meta[name=viewport]");
if (zoom && /user-scalable\s*=\s*no|maximum-scale/.test(zoom.content)) faults.push("cannot be enlarged");
// WCAG 2.2, 2.5.8: what is pressed is 24 pixels high and wide at least, links in text aside.
for (const one of document.querySelectorAll("button, select, textarea, summary, input:not([type=hidden], [type=checkbox], [type=radio])")) {
  const box = one.getBoundingClientRect();
  if (shown(one) && !one.closest(".unseen") && Math.min(box.width, box.height) < 24) faults.push("small, " + box.width.toFixed() + " x " + box.height.toFixed() + ": " + one.outerHTML.slice(0, 80));
}
// WCAG 2.2, 1.4.3: contrast of text against what is behind it, 4.5 or, where it is large, 3.
const channel = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const rgba = (text) => { const n = text.match(/[\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (one) => { for (let at = one; at; at = at.parentElement) { const color = rgba(getComputedStyle(at).backgroundColor); if (color[3] > 0.99) return color; } return [255, 255, 255, 1]; };
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const one = walk.currentNode.parentElement;
  if (!walk.currentNode.textContent.trim() || !shown(one) || one.closest("script, option, .unseen, .skip, video")) continue;
  const style = getComputedStyle(one), [a, b] = [luminance(rgba(style.color)), luminance(behind(one))].sort((x, y) => y - x);
  const size = parseFloat(style.fontSize), least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  if ((a + 0.05) / (b + 0.05) < least) faults.push("contrast " + ((a + 0.05) / (b + 0.05)).toFixed(2) + ": " + walk.currentNode.textContent.trim().slice(0, 40));
}
// WCAG 2.2, 1.4.11: a field is told from what is around it, by its border or its ground.
const contrast = (a, b) => { const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x); return (high + 0.05) / (low + 0.05); };
for (const one of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio], [type=range], [type=file]), select, textarea")) {
  if (!shown(one) || one.closest(".unseen")) continue;
  const style = getComputedStyle(one), around = behind(one.parentElement);
  const best = Math.max(parseFloat(style.borderTopWidth) > 0 ? contrast(rgba(style.borderTopColor), around) : 1, contrast(behind(one), around));
  if (best < 3) faults.push("field " + best.toFixed(2) + ": " + one.outerHTML.slice(0, 80));
}
return [...new Set(faults)];
