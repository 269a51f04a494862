// Single keys; every one of them is also a link or an ordinary scroll.
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const go = (selector, forward) => {
    const places = [...document.querySelectorAll(selector)].filter(one => one.offsetParent);
    const top = one => Math.round(one.getBoundingClientRect().top);
    const next = forward
      ? places.find(one => top(one) > 8)
      : places.reverse().find(one => top(one) < -8);
    if (next) next.scrollIntoView({ block: "start" });
  };
  switch (event.key) {
    case "j": return go("section, .station", true);
    case "k": return go("section, .station", false);
    case "d": return go(".departure", true);
    case "l": {
      const link = document.querySelector("a.size");
      if (link) location.href = link.href + location.hash;
    }
  }
});
// Browsers that do not know ::details-content print what is folded only when it is open.
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
});
// The language of what is in two: that of the last visit, else that of the browser.
const remembered = () => { try { return localStorage.getItem("language"); } catch { return null; } };
const speak = language => {
  document.documentElement.dataset.language = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
};
speak(remembered() ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
for (const button of document.querySelectorAll("button.language")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const other = document.documentElement.dataset.language === "zh" ? "en" : "zh";
    speak(other);
    try { localStorage.setItem("language", other); } catch { /* Not remembered. */ }
  });
}
// A browser that translates the page leaves code as it is.
for (const code of document.querySelectorAll("code")) code.translate = false;
// Without a font for Chinese, its characters are the same empty box.
const drawn = text => {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  pen.font = `48px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillText(text, 0, 100);
  return canvas.toDataURL();
};
document.querySelector(".no-font").hidden = drawn("中") !== drawn("文");
