//! The pages in a real browser, where there is one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::folder;

use crate::tests::made_up::Workspace;

/// The names under which Chromium is installed.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Long enough for a browser on a busy machine; it only ends a failed test.
const DEADLINE: Duration = Duration::from_secs(120);

/// Measures the page from inside and writes what it found into it.
const MEASURE: &str = "<script>
const top_of = cell => cell.querySelector('.line')?.getBoundingClientRect().top;
const rows = [...document.querySelectorAll('.rows tbody tr')]
  .map(row => [...row.cells].map(top_of)).filter(tops => tops[0] && tops[1]);
const uneven = rows.filter(tops => Math.abs(tops[0] - tops[1]) > 0.5).length;
const sideways = document.documentElement.scrollWidth > innerWidth;
const loaded = performance.getEntriesByType('resource').length;
document.title = `width ${innerWidth} rows ${rows.length} uneven ${uneven} ` +
  `sideways ${sideways} loaded ${loaded}`;
</script></body>";

struct Browser {
    program: &'static str,
    folder: PathBuf,
}

impl Browser {
    /// The installed browser, with a folder of its own and the pages in it; says so where there is
    /// none.
    fn open(name: &str) -> Option<Browser> {
        let is_there = |program: &&str| {
            Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success())
        };
        let Some(program) = BROWSERS.into_iter().find(is_there) else {
            println!("skipped: no Chromium is installed (Debian: apt-get install chromium)");
            return None;
        };
        let workspace = Workspace::new(name);
        let folder = workspace.root.join("pages");
        let pages = workspace.pages();
        folder::write(&folder, &pages).unwrap();
        for (page, text) in &pages {
            // A machine without a font for Chinese is told so; no test is about that.
            let told = "class=\"no-font\"";
            let text = text.replace(told, &format!("{told} style=\"display:none\""));
            fs::write(folder.join(page), &text).unwrap();
            let measured = text.replace("</body>", MEASURE);
            fs::write(folder.join(page).with_extension("measured.html"), measured).unwrap();
            // Without scripts the language cannot be changed: the button for it stays hidden.
            let bare = text.rsplit_once("<script>").unwrap().0;
            fs::write(folder.join(page).with_extension("bare.html"), bare).unwrap();
            let bare = bare.replace("button\" hidden>", "button\">");
            fs::write(folder.join(page).with_extension("button.html"), bare).unwrap();
        }
        Some(Browser { program, folder })
    }

    /// Runs the browser on one page and returns what it prints.
    fn run(&self, page: &str, words: &[&str]) -> String {
        let profile = self.folder.with_file_name("profile");
        let output = self.folder.with_file_name("printed");
        let mut child = Command::new(self.program)
            // The pages are the test's own, and a sandbox needs what containers often lack.
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(words)
            .arg(format!("file://{}", self.folder.join(page).display()))
            .stdout(fs::File::create(&output).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if start.elapsed() > DEADLINE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{} does not end: {words:?} {page}", self.program);
            }
            thread::sleep(Duration::from_millis(20));
        }
        fs::read_to_string(output).unwrap()
    }

    fn screenshot(&self, page: &str) -> Vec<u8> {
        let file = self.folder.with_file_name("screenshot.png");
        let words = [format!("--screenshot={}", file.display()), "--window-size=1280,2000".into()];
        self.run(page, &words.each_ref().map(String::as_str));
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(file).unwrap();
        bytes
    }
}

/// The browser's own files are many, and no test needs them again.
impl Drop for Browser {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.folder.with_file_name("profile"));
    }
}

/// The pages to measure: the width of the window, the page, and its rows with a line on both sides.
const PAGES: [(usize, &str, usize); 7] = [
    (1280, "note-001", 6),
    (1920, "note-001", 6),
    (1280, "large/note-001", 6),
    (1280, "note-002", 1),
    (1280, "index", 0),
    (1920, "index", 0),
    (1280, "file-blocking-server-src-main", 0),
];

#[test]
fn rows_are_level_and_nothing_scrolls_sideways() {
    let Some(browser) = Browser::open("level") else { return };
    for (width, page, rows) in PAGES {
        let window = format!("--window-size={width},900");
        let dom = browser.run(&format!("{page}.measured.html"), &["--dump-dom", &window]);
        let title = dom.split_once("<title>").unwrap().1.split_once('<').unwrap().0;
        let expected = format!("width {width} rows {rows} uneven 0 sideways false loaded 0");
        assert_eq!(title, expected, "{page}");
    }
}

#[test]
fn scripts_change_nothing_that_is_seen() {
    let Some(browser) = Browser::open("scripts") else { return };
    let with = browser.screenshot("file-blocking-server-src-main.html");
    let without = browser.screenshot("file-blocking-server-src-main.button.html");
    assert!(with.len() > 1000 && with == without);
}

#[test]
fn the_language_is_that_of_the_browser_and_english_without_scripts() {
    let Some(browser) = Browser::open("language") else { return };
    for (option, language, lang) in
        [("--accept-lang=zh-CN", "zh", "zh-CN"), ("--accept-lang=en-US", "en", "en")]
    {
        let dom = browser.run("index.html", &["--dump-dom", option]);
        let shown = format!("<html lang=\"{lang}\" data-language=\"{language}\">");
        assert!(dom.contains(&shown), "{option}: {}", &dom[..dom.len().min(200)]);
        assert!(dom.contains("<code translate=\"no\">") && !dom.contains("<code>"), "{dom}");
    }
    let Some(text) = printed(&browser, "index.bare.html") else { return };
    assert!(text.contains("Who waits?") && !text.contains("谁在等？"), "{text}");
}

#[test]
fn nothing_is_folded_on_paper() {
    let Some(browser) = Browser::open("paper") else { return };
    let Some(text) = printed(&browser, "note-001.bare.html") else { return };
    for line in ["conn.send(greeting)", "three();", "Nobody else is served."] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// What a page says on paper; `None` where nothing can read that.
fn printed(browser: &Browser, page: &str) -> Option<String> {
    let pdf = browser.folder.with_file_name("page.pdf");
    browser.run(page, &[&format!("--print-to-pdf={}", pdf.display())]);
    let text = Command::new("pdftotext").args(["-layout"]).arg(&pdf).arg("-").output();
    let Ok(output) = text else {
        println!("skipped: no pdftotext is installed (Debian: apt-get install poppler-utils)");
        return None;
    };
    assert!(output.status.success() && Path::new(&pdf).exists());
    Some(String::from_utf8(output.stdout).unwrap())
}
