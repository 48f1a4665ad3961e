//! TLS of the desk, against OpenSSL: who verifies the certificate is answered, nobody else; and targets of webhooks over `https`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use super::studio::{Served, print_of, program, studio};

fn openssl() -> Command {
    let mut command = Command::new("openssl");
    command.stderr(Stdio::null());
    command
}

/// A certificate of this machine's loopback address that signs itself, and its key.
fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (chain, key) = (
        folder.join(format!("{name}.pem")),
        folder.join(format!("{name}.key")),
    );
    let made = openssl()
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=desk", "-addext"])
        .args(["subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext"])
        // What answers is no authority: rustls refuses one that is both.
        .args(["basicConstraints=critical,CA:FALSE", "-out"])
        .arg(&chain)
        .arg("-keyout")
        .arg(&key)
        .stdout(Stdio::null())
        .status();
    assert!(made.expect("openssl").success());
    (chain, key)
}

/// What the desk answers over TLS to a client that trusts `trusted` alone; nothing when the handshake fails.
fn asked(served: &Served, trusted: &Path, more: &[&str], request: &str) -> String {
    let mut client = openssl()
        .args(["s_client", "-quiet", "-ign_eof", "-verify_return_error"])
        .args(["-verify_ip", "127.0.0.1", "-connect", &served.address])
        .arg("-CAfile")
        .arg(trusted)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    let mut input = client.stdin.take().expect("a pipe");
    // A client whose handshake failed reads nothing.
    let _ = input.write_all(request.as_bytes());
    let mut answer = String::new();
    let mut output = client.stdout.take().expect("a pipe");
    output.read_to_string(&mut answer).expect("text");
    drop(input);
    client.wait().expect("an exit");
    answer
}

fn get(served: &Served, path: &str) -> String {
    let token = &served.token;
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
}

#[test]
#[ignore = "slow: the feature `tls` has a build of its own"]
fn tls_is_spoken_with_those_who_trust_the_certificate_and_with_nobody_else() {
    let folder = studio();
    let (chain, key) = certificate(folder.path(), "own");
    let (other, other_key) = certificate(folder.path(), "other");
    let [chain_text, key_text] = [&chain, &key].map(|path| path.to_string_lossy().into_owned());
    let served = Served::start_with(
        folder.path(),
        &["--tls-cert", &chain_text, "--tls-key", &key_text],
    );
    let health = get(&served, "/health");
    for version in ["-tls1_2", "-tls1_3"] {
        let answer = asked(&served, &chain, &[version], &health);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{version}: {answer}");
        assert!(answer.contains("\"status\""), "{answer}");
    }
    let jobs = asked(&served, &chain, &[], &get(&served, "/v1/jobs"));
    assert!(jobs.contains("\"items\":[]"), "{jobs}");
    // Another certificate is trusted, or an old version is wanted: no byte of HTTP.
    assert_eq!(asked(&served, &other, &[], &health), "");
    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
    assert_eq!(asked(&served, &chain, &old, &health), "");
    // Nor to who speaks no TLS: the token would go over the wire as it is.
    let mut plain = std::net::TcpStream::connect(&served.address).expect("a connection");
    plain.write_all(health.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    // A session's cookie goes nowhere but over TLS.
    let form = format!("token={}", served.token);
    let sign_in = format!(
        "POST /session HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len(),
        host = served.address
    );
    let answer = asked(&served, &chain, &[], &sign_in).to_ascii_lowercase();
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie: "));
    assert!(
        cookie.is_some_and(|cookie| cookie.contains("; secure")),
        "{answer}"
    );
    drop(served);

    // A key that is another certificate's is refused before anything is listened to.
    let refused = program()
        .args(["serve", "--listen", "127.0.0.1:0", "--vault"])
        .arg(folder.path().join("vault"))
        .arg("--tls-cert")
        .arg(&chain)
        .arg("--tls-key")
        .arg(&other_key)
        .output()
        .expect("an exit");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("the key is not that of the certificate"),
        "{said}"
    );
    assert!(!said.contains("PRIVATE"), "{said}");
}

/// What a target over TLS hears of a desk whose system trusts `trusted`; none when the desk gave up at the handshake.
fn told_over_tls(folder: &Path, trusted: &Path, own: &(PathBuf, PathBuf)) -> Option<String> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let port = port.expect("a port").port().to_string();
    let mut target = openssl()
        .args(["s_server", "-quiet", "-naccept", "1", "-accept", &port])
        .arg("-cert")
        .arg(&own.0)
        .arg("-key")
        .arg(&own.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    let trust = trusted.to_string_lossy().into_owned();
    let served = Served::start_around(
        folder,
        &["--private-webhooks"],
        &[("SSL_CERT_FILE", &trust)],
    );
    let new = json!({"url": format!("https://127.0.0.1:{port}/hook"), "events": ["rule.fired"]});
    let made = super::client::post(&served, "/v1/webhooks", &new);
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json()["id"]
        .as_str()
        .expect("an identifier")
        .to_owned();
    let rule = json!({"name": "first", "kind": "first", "title": "street"});
    assert_eq!(super::client::post(&served, "/v1/rules", &rule).status, 201);
    let print = std::fs::read(print_of("street", folder)).expect("a print");
    let verify = "/v1/verify?platform=Tube&territory=DE&day=2026-11-30";
    let seen = super::client::ask(&served, ("POST", verify), &[], &print);
    assert_eq!(seen.json()["title"], "street");
    let attempts = format!("/v1/webhooks/{id}/attempts");
    let begun = std::time::Instant::now();
    let mut lines = BufReader::new(target.stdout.take().expect("a pipe")).lines();
    let mut input = target.stdin.take().expect("a pipe");
    let heard = loop {
        let list = super::client::get(&served, &attempts).json();
        let first = &list["items"][0];
        if first["error"].is_string() {
            assert!(first["error"].to_string().contains("certificate"), "{list}");
            break None;
        }
        // The target has it once it can be read: the answer is sent by hand.
        if first["state"] == "sending" || begun.elapsed().as_millis() > 1500 {
            let head: Vec<String> = lines
                .by_ref()
                .map_while(Result::ok)
                .take_while(|line| !line.trim().is_empty())
                .collect();
            input
                .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
                .expect("an answer");
            break Some(head.join("\n"));
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    let _ = target.kill();
    let _ = target.wait();
    heard
}

#[test]
#[ignore = "slow: the feature `tls` has a build of its own"]
fn tls_targets_of_webhooks_are_told_only_when_their_certificate_holds() {
    let (good, bad) = (studio(), studio());
    let own = certificate(good.path(), "target");
    let other = certificate(good.path(), "other");
    let head = told_over_tls(good.path(), &own.0, &own).expect("a message");
    assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
    assert!(head.contains("webhook-signature: v1,"), "{head}");
    assert_eq!(told_over_tls(bad.path(), &other.0, &own), None);
}
