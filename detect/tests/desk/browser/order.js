// What takes the focus, numbered in the order in which it is read, the first of it with the focus: how many there are.
const folded = (one) => { const around = one.parentElement.closest("details:not([open])"); return around && !(one.tagName === "SUMMARY" && one.parentElement === around); };
const shown = (one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility !== "hidden" && !folded(one);
const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, video[controls], [tabindex]")];
const stops = all.filter((one) => shown(one) && !one.disabled && one.tabIndex >= 0 && one.type !== "hidden");
stops.forEach((one, at) => { one.dataset.stop = at; });
if (stops.length) stops[0].focus();
return stops.length;
