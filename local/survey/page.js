"use strict";
// Shows only the findings that are chosen, and the command that puts them right; what is chosen stands in the address, so that it can be passed on.
(function () {
  const form = document.getElementById("filters");
  if (!form) return;
  const findings = Array.from(document.querySelectorAll(".finding"));
  const command = document.getElementById("command");
  const quoted = (word) => (/^[\w.:@\/+=,-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'");
  function commandFor(chosen) {
    const region = (chosen.find((select) => select.name === "region") || { value: command.dataset.region }).value;
    if (!region) return "(choose a region: a stack is in one)";
    const words = chosen.filter((select) => select.name !== "region").map((select) => "--" + select.name + "=" + quoted(select.value));
    return ["snapback apply --from", command.dataset.file, "--region", quoted(region), ...(words.length ? words : ["--all"])].join(" ");
  }
  function apply() {
    const now = Array.from(form.querySelectorAll("select")).filter((select) => select.value);
    let shown = 0;
    for (const finding of findings) {
      finding.hidden = !now.every((select) => finding.dataset[select.name] === select.value);
      shown += finding.hidden ? 0 : 1;
    }
    if (command) command.textContent = commandFor(now);
    form.querySelector("output").textContent = shown + " " + form.dataset.what + (shown === 1 ? "" : "s");
    history.replaceState(null, "", "#" + new URLSearchParams(now.map((select) => [select.name, select.value])));
  }
  function choose() {
    const chosen = new URLSearchParams(location.hash.slice(1));
    for (const select of form.querySelectorAll("select")) {
      const wanted = chosen.get(select.name) || "";
      if (Array.from(select.options).some((option) => option.value === wanted)) select.value = wanted;
    }
    apply();
  }
  form.addEventListener("change", apply);
  window.addEventListener("hashchange", () => {
    if (!location.hash.includes("=")) return;  // a place in the page, and no choice
    choose();
    form.scrollIntoView();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  choose();
})();
