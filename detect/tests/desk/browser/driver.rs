//! A browser without a window, told what to do over `WebDriver`.
//!
//! # References
//! W3C `WebDriver` (2018): sessions, elements, scripts; `ChromeDriver`'s `goog/cdp/execute`, `se/log`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The name under which `WebDriver` tells elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long is waited for what a page does by itself.
const PATIENCE: Duration = Duration::from_secs(180);

pub(crate) struct Browser {
    driver: Child,
    address: String,
    session: String,
}

impl Browser {
    /// A browser that saves downloads to a folder.
    pub(crate) fn start(downloads: &Path) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: run `COUNTERMARK_BROWSER=1 .ci/setup`");
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let port = lines.find_map(|line| {
            let line = line.expect("a line");
            let (_, port) = line.split_once("successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        // What it says later must find a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self {
            driver,
            address: format!("127.0.0.1:{}", port.expect("a port")),
            session: String::new(),
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
        ];
        let new = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let made = browser.ask("POST", "/session", &new);
        let session = made["sessionId"].as_str();
        session.expect("a session").clone_into(&mut browser.session);
        let folder = json!({"behavior": "allow", "downloadPath": downloads});
        browser.devtools("Browser.setDownloadBehavior", &folder);
        browser
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.tried(method, path, body);
        answer.unwrap_or_else(|error| panic!("{method} {path} {body}: {error}"))
    }

    fn tried(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let body = if method == "GET" {
            String::new()
        } else {
            body.to_string()
        };
        let answer = spoken(
            &self.address,
            &format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        );
        let text = answer.map_err(|error| json!(error.to_string()))?;
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let mut body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{text}"));
        let value = body["value"].take();
        let is_done = head.split(' ').nth(1) == Some("200");
        if is_done { Ok(value) } else { Err(value) }
    }

    fn own(&self, rest: &str) -> String {
        format!("/session/{}{rest}", self.session)
    }

    pub(crate) fn devtools(&self, command: &str, parameters: &Value) {
        let body = json!({"cmd": command, "params": parameters});
        self.ask("POST", &self.own("/goog/cdp/execute"), &body);
    }

    pub(crate) fn open(&self, url: &str) {
        self.ask("POST", &self.own("/url"), &json!({"url": url}));
    }

    pub(crate) fn script(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.ask("POST", &self.own("/execute/sync"), &body)
    }

    fn element(&self, css: &str) -> Result<String, Value> {
        let body = json!({"using": "css selector", "value": css});
        let found = self.tried("POST", &self.own("/element"), &body)?;
        Ok(found[ELEMENT].as_str().expect("an element").to_owned())
    }

    /// Waits until a script says something that is true, and gives it.
    pub(crate) fn until(&self, script: &str) -> Value {
        let begun = Instant::now();
        loop {
            let value = self.script(script);
            if value != Value::Null && value != Value::Bool(false) && value != json!("") {
                return value;
            }
            let shown = || self.script("return document.body.innerText");
            assert!(begun.elapsed() < PATIENCE, "{script}: {}", shown());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub(crate) fn click(&self, css: &str) {
        let element = self
            .element(css)
            .unwrap_or_else(|error| panic!("{css}: {error}"));
        self.ask(
            "POST",
            &self.own(&format!("/element/{element}/click")),
            &json!({}),
        );
    }

    /// Types into an element; into one that takes files, their paths.
    pub(crate) fn write(&self, css: &str, text: &str) {
        let element = self
            .element(css)
            .unwrap_or_else(|error| panic!("{css}: {error}"));
        let path = self.own(&format!("/element/{element}/value"));
        self.ask("POST", &path, &json!({"text": text}));
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &[&str]) {
        let strokes = keys
            .iter()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let strokes: Vec<Value> = strokes.collect();
        let body = json!({"actions": [{"type": "key", "id": "keys", "actions": strokes}]});
        self.ask("POST", &self.own("/actions"), &body);
    }

    /// What the page complained of since it was last asked: errors and breaches of its policy.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", &self.own("/se/log"), &json!({"type": "browser"}));
        let lines = log.as_array().into_iter().flatten();
        lines
            .filter(|line| line["level"] == "SEVERE")
            .map(|line| line["message"].to_string())
            .collect()
    }
}

/// Sends a request and takes its answer, whose end its length tells: the driver keeps connections open.
fn spoken(address: &str, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let from = head.len();
        if reader.read_line(&mut head)? <= 2 {
            break;
        }
        let line = head[from..].to_ascii_lowercase();
        if let Some(bytes) = line.strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(head + &String::from_utf8_lossy(&body))
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.tried("DELETE", &self.own(""), &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
