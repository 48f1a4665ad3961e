//! The page in a real browser: from a clip that is dropped to a bundle that verifies; narrow and wide, light and dark, by keyboard.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::leak::leaked;
use super::studio::{Served, program};

mod driver;

use driver::Browser;

const TAB: &str = "\u{e004}";
const RIGHT: &str = "\u{e014}";
const ENTER: &str = "\u{e007}";

/// Holds the page that is open to what it owes, at both widths, light and dark.
fn holds(browser: &Browser, page: &str) {
    for width in [390, 1280] {
        for scheme in ["light", "dark"] {
            let size =
                json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
            browser.devtools("Emulation.setDeviceMetricsOverride", &size);
            let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            browser.devtools("Emulation.setEmulatedMedia", &features);
            let faults = browser.script(include_str!("browser/audit.js"));
            assert_eq!(faults, json!([]), "{page}, {width} pixels, {scheme}");
            let breaches = breaches(browser);
            assert_eq!(breaches, json!([]), "{page}, {width} pixels, {scheme}");
        }
    }
    in_order(browser, page);
    assert_eq!(browser.complaints(), [""; 0], "{page}");
}

/// What axe's rules find on the page that is open, in words; nothing where `.ci/setup` could not fetch them, which is said.
fn breaches(browser: &Browser) -> Value {
    let rules = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/axe/axe-4.14.1.min.js"
    );
    let Ok(rules) = std::fs::read_to_string(rules) else {
        let note = "axe is not at hand: run `COUNTERMARK_BROWSER=1 .ci/setup` (SKIPPED)\n";
        std::io::stderr()
            .write_all(note.as_bytes())
            .expect("a note");
        return json!([]);
    };
    let run = "return axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations.map((one) => \
        `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`))";
    browser.script(&format!("{rules};\n{run}"))
}

/// Goes through the page with the tabulator: everything that takes the focus is reached in the order in which it is read, and shows it.
fn in_order(browser: &Browser, page: &str) {
    let all = browser.script(include_str!("browser/order.js"));
    let all = all.as_u64().expect("a count");
    assert!(all > 0, "{page}: nothing takes the focus");
    let here = "const one = document.activeElement, style = getComputedStyle(one); \
        return [one.dataset.stop ?? '', style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, one.outerHTML.slice(0, 80)]";
    let mut reached = vec![0];
    // Players have places of their own inside.
    for _ in 0..all + 40 {
        if reached.last() == Some(&(all - 1)) {
            break;
        }
        browser.press(&[TAB]);
        let now = browser.script(here);
        let Some(stop) = now[0].as_str().and_then(|text| text.parse().ok()) else {
            continue;
        };
        if reached.last() != Some(&stop) {
            assert_eq!(now[1], true, "{page}: the focus is not seen: {}", now[2]);
            reached.push(stop);
        }
    }
    assert_eq!(reached, (0..all).collect::<Vec<_>>(), "{page}");
}

/// The file that a download became.
fn saved(folder: &Path, extension: &str) -> PathBuf {
    let begun = Instant::now();
    loop {
        let files = std::fs::read_dir(folder).expect("a folder");
        let mut files = files.map(|entry| entry.expect("an entry").path());
        if let Some(path) = files.find(|path| path.extension().is_some_and(|own| own == extension))
        {
            return path;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "no .{extension} was saved"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
#[ignore = "slow: a browser, and a trace in a debug build"]
fn a_dropped_clip_comes_to_a_verdict_and_a_bundle_that_verifies() {
    let (folder, copy) = leaked();
    let clip = folder.path().join("leak <b>.mp4");
    std::fs::copy(&copy, &clip).expect("a copy");
    let downloads = folder.path().join("downloads");
    std::fs::create_dir(&downloads).expect("a new folder");
    let served = Served::start(folder.path());
    let browser = Browser::start(&downloads);
    let address = format!("http://{}", served.address);

    // By keyboard alone: the token's field has the focus.
    browser.open(&format!("{address}/"));
    assert!(browser.script("return location.pathname") == "/login");
    holds(&browser, "login");
    browser.write("#token", &served.token);
    browser.press(&[ENTER]);
    browser.until("return location.pathname === '/' && document.getElementById('drop') !== null");
    holds(&browser, "home");
    browser.open(&format!("{address}/"));
    browser.script("document.activeElement.blur()");
    browser.press(&[TAB]);
    assert_eq!(
        browser.script("return document.activeElement.className"),
        "skip"
    );

    browser.script("document.querySelector('#drop details').open = true");
    browser.write("input[name=source]", "https://tube.example/watch?v=1");
    browser.write("input[name=uploader]", "cuts");
    browser.write("#files", &clip.to_string_lossy());
    let link = "return [...document.querySelectorAll('#jobs a')].map((a) => a.getAttribute('href'))[0] || ''";
    let job = browser.until(link);
    let job = job.as_str().expect("an address");
    browser.until("return [...document.querySelectorAll('#jobs .verdict')].some((one) => one.textContent.includes('carries the signal'))");
    browser.open(&format!("{address}{job}"));
    let verdict =
        browser.until("return document.querySelector('.verdict.large.found')?.textContent");
    assert!(
        verdict
            .as_str()
            .is_some_and(|text| text.starts_with("carries the signal of the copy to"))
    );
    assert_eq!(
        browser.script("return document.querySelector('h1').textContent"),
        "leak <b>.mp4"
    );

    // The page says the verdict before its frames are there, and shows them by itself.
    browser.until("return document.querySelector('[data-compare]') !== null");

    // The clip is played from this browser, the master from the desk, one where the other is.
    browser.until("return document.getElementById('clip-player').readyState > 0");
    browser.until("return document.getElementById('master-player').readyState > 0");
    browser.script("document.getElementById('clip-player').currentTime = 2");
    browser
        .until("return Math.abs(document.getElementById('master-player').currentTime - 2) < 0.3");
    browser.until("return [...document.querySelectorAll('.compare img')].every((one) => { one.loading = 'eager'; return one.complete && one.naturalWidth > 0; })");
    browser.script("document.querySelector('[data-compare]').focus()");
    browser.press(&[RIGHT, RIGHT]);
    let cut = browser.script("return document.querySelector('.over').style.clipPath");
    assert_eq!(cut, "inset(0px 48% 0px 0px)");
    holds(&browser, "job");

    browser.click("a[href$='/bundle']");
    let bundle = saved(&downloads, "zip");
    let verified = program()
        .args(["verify", "-q"])
        .arg(&bundle)
        .arg("--clip")
        .arg(&copy)
        .stdout(Stdio::null())
        .status();
    assert_eq!(verified.expect("an exit").code(), Some(0));
    browser.click("a[href$='/report']");
    let report = std::fs::read_to_string(saved(&downloads, "html")).expect("a page");
    assert!(report.contains("leak &lt;b&gt;.mp4") && report.contains("data:image/png"));

    for page in ["/titles", "/warnings"] {
        browser.open(&format!("{address}{page}"));
        browser.until("return document.readyState === 'complete'");
        holds(&browser, page);
    }
    // A rule by the form.
    browser.write("#new-rule input[name=name]", "three in ten minutes");
    browser.click("#new-rule button");
    browser.until("return document.querySelector('[data-remove]') !== null");
    let rules = browser.script("return document.querySelector('#rules + ul').textContent");
    assert!(
        rules
            .as_str()
            .is_some_and(|text| text.contains("3 clips within 10 min")),
        "{rules}"
    );
    browser.open(&format!("{address}{job}/notice?law=dsa16&language=en"));
    let draft: Value = browser.until("return document.getElementById('draft').value");
    assert!(draft.as_str().is_some_and(|text| text.contains("street")));
    holds(&browser, "notice");
    faults_are_found(&browser);
}

/// What looks for faults finds them.
fn faults_are_found(browser: &Browser) {
    browser.open(
        "data:text/html,<p style='color:%23888;background:%23999;width:3000px'>faint</p><input style='border:0'><button tabindex=3 aria-controls=x style='width:9px'>b</button><table></table>",
    );
    let faults = browser.script(include_str!("browser/audit.js")).to_string();
    for fault in [
        "wider",
        "contrast",
        "no label",
        "no language",
        "not one h1",
        "not one main",
        "order of its own",
        "leads nowhere",
        "without heads",
        "small",
        "field",
    ] {
        assert!(faults.contains(fault), "{fault}: {faults}");
    }
    let breaches = breaches(browser);
    let is_silent = breaches.as_array().is_some_and(Vec::is_empty);
    let found = ["color-contrast", "html-has-lang", "tabindex", "label"]
        .map(|rule| breaches.to_string().contains(rule));
    assert!(is_silent || found == [true; 4], "{breaches}");
}
