//! What hostile ones send: the right status, a problem document, nothing left, no path and no key in any answer.

use serde_json::json;

use super::client::{ask, ended, get, job_of, post, raw, upload};
use super::studio::{Served, left, print_of, sample, studio};

#[test]
fn wrong_tokens_and_roles_are_refused() {
    let folder = studio();
    let served = Served::start(folder.path());
    let bearer = |token: &str| format!("Bearer {token}");
    for token in ["", "cm_0", &"x".repeat(5000), "cm_\u{e9}"] {
        let own = bearer(token);
        ask(
            &served,
            ("GET", "/v1/jobs"),
            &[("Authorization", &own)],
            b"",
        )
        .is_problem(401);
    }
    let token = |role: &str| {
        let made = post(&served, "/v1/tokens", &json!({"name": role, "role": role}));
        assert_eq!(made.status, 201, "{made:?}");
        bearer(made.json()["token"].as_str().expect("a token"))
    };
    let [platform, auditor, mastering] = ["platform", "auditor", "mastering"].map(token);
    let new = json!({"kind": "trace", "upload": upload(&served, "a.mp4", b"bytes")}).to_string();
    let json = ("Content-Type", "application/json");
    for (own, method, path, body) in [
        (&platform, "GET", "/v1/titles", ""),
        (&platform, "GET", "/v1/deliveries", ""),
        (&platform, "GET", "/v1/sightings", ""),
        (&platform, "GET", "/metrics", ""),
        (&platform, "POST", "/v1/jobs", &new),
        (&mastering, "GET", "/v1/jobs", ""),
        (&auditor, "POST", "/v1/cases", "{\"name\":\"x\"}"),
        (
            &auditor,
            "POST",
            "/v1/verify?platform=a&territory=DE&day=2026-01-01",
            "x",
        ),
        (&auditor, "GET", "/v1/tokens", ""),
        (&mastering, "GET", "/v1/cases", ""),
        (
            &mastering,
            "POST",
            "/v1/uploads",
            "{\"name\":\"x\",\"size\":1}",
        ),
    ] {
        let headers = [("Authorization", own.as_str()), json];
        ask(&served, (method, path), &headers, body.as_bytes()).is_problem(403);
    }
    let own = [("Authorization", auditor.as_str())];
    assert_eq!(ask(&served, ("GET", "/v1/jobs"), &own, b"").status, 200);
    // What others sent is not there for a platform.
    let mine = upload(&served, "b.mp4", b"bytes");
    let theirs = [("Authorization", platform.as_str())];
    ask(
        &served,
        ("GET", &format!("/v1/uploads/{mine}")),
        &theirs,
        b"",
    )
    .is_problem(404);
    // No token is kept: what is in the record opens nothing.
    let record = std::fs::read(folder.path().join("vault/desk/desk.db")).expect("the record");
    for secret in [&served.token, &platform[7..].to_owned()] {
        assert!(
            !record
                .windows(secret.len())
                .any(|bytes| bytes == secret.as_bytes())
        );
    }
}

#[test]
fn bodies_and_names_that_are_tricks_are_refused_or_harmless() {
    let folder = studio();
    let served = Served::start(folder.path());
    let json = [("Content-Type", "application/json")];
    let send = |path: &str, body: &[u8]| ask(&served, ("POST", path), &json, body);
    send("/v1/uploads", b"{\"name\":\"x\",\"size\":10737418240}").is_problem(413);
    send("/v1/uploads", b"{\"name\":\"x\",\"size\":0}").is_problem(422);
    send("/v1/uploads", b"{\"name\":\"x\",\"size\":-1}").is_problem(422);
    send("/v1/uploads", b"{").is_problem(400);
    send("/v1/uploads", &b"[".repeat(50_000)).is_problem(422);
    send(
        "/v1/cases",
        &[b"{\"name\":\"", &b"x".repeat(70_000)[..], b"\"}"].concat(),
    )
    .is_problem(413);
    send("/v1/cases", b"{\"name\":\"a\",\"more\":1}").is_problem(422);
    ask(&served, ("POST", "/v1/cases"), &[], b"{\"name\":\"a\"}").is_problem(415);
    for path in [
        "/v1/jobs/../../../etc/passwd",
        "/v1/uploads/..%2f..%2fvault.db",
        "/v1/jobs/%00",
        "/etc/passwd",
        "/v1/cases/'%20or%201=1",
    ] {
        get(&served, path).is_problem(404);
    }
    ask(&served, ("PUT", "/v1/jobs"), &[], b"").is_problem(405);
    // Ten gigabytes are announced: nobody waits for them.
    let verify = "/v1/verify?platform=a&territory=DE&day=2026-01-01";
    let request = format!(
        "POST {verify} HTTP/1.1\r\nHost: d\r\nConnection: close\r\nAuthorization: Bearer {}\r\nContent-Length: 10737418240\r\n\r\nstart",
        served.token
    );
    raw(&served, request.as_bytes()).is_problem(413);
    for (query, status) in [
        ("platform=a&territory=DEU&day=2026-01-01", 422),
        ("platform=a&territory=DE&day=2026-02-30", 422),
        ("platform=&territory=DE&day=2026-01-01", 422),
        ("territory=DE", 400),
    ] {
        let path = format!("/v1/verify?{query}");
        ask(&served, ("POST", &path), &[], b"x").is_problem(status);
    }
    let mut newer = std::fs::read(print_of("street", folder.path())).expect("a print");
    newer[7] += 1;
    ask(&served, ("POST", verify), &[], &newer).is_problem(422);
    let damaged = [&b"CMclip\n\x02"[..], &[0xff; 3000]].concat();
    ask(&served, ("POST", verify), &[], &damaged).is_problem(422);
    assert_eq!(left(folder.path()), 0);
}

#[test]
fn hostile_files_end_in_a_state_and_leave_nothing() {
    let folder = studio();
    let served = Served::start(folder.path());
    let good = std::fs::read(sample("street")).expect("a sample");
    let files: [(&str, Vec<u8>); 5] = [
        ("<img src=x onerror=alert(1)>.mp4", good.clone()),
        (
            "list.m3u8",
            b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n".to_vec(),
        ),
        (
            "loop.mp4",
            b"ffconcat version 1.0\nfile loop.mp4\n".to_vec(),
        ),
        ("cut.mp4", good[..good.len() / 3].to_vec()),
        (
            "noise.mp4",
            (0..40_000_u32)
                .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
                .collect(),
        ),
    ];
    let jobs: Vec<(String, String)> = files
        .iter()
        .map(|(name, bytes)| {
            let id = upload(&served, name, bytes);
            (job_of(&served, "identify", &id), (*name).to_owned())
        })
        .collect();
    for (at, (id, name)) in jobs.iter().enumerate() {
        let job = ended(&served, id);
        // Of a file that was cut off some pictures may be left.
        let expected = [
            &["done"][..],
            &["failed"],
            &["failed"],
            &["done", "failed"],
            &["failed"],
        ];
        let state = job["state"].as_str().expect("a state");
        assert!(expected[at].contains(&state), "{name}: {job}");
        let text = job.to_string();
        for secret in ["uploads", "/tmp", "root:", "owner.key"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    assert_eq!(left(folder.path()), 0);
    // The page shows the name as a name.
    let form = [
        ("Authorization", "none"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("token={}", served.token);
    let signed = ask(&served, ("POST", "/session"), &form, body.as_bytes());
    assert_eq!(signed.status, 303, "{signed:?}");
    let cookie = signed.head.split("set-cookie: ").nth(1).expect("a cookie");
    let cookie = cookie.split(';').next().expect("a session").to_owned();
    assert!(signed.head.contains("httponly") && signed.head.contains("samesite=strict"));
    let session = [("Cookie", cookie.as_str())];
    for path in ["/", &format!("/jobs/{}", jobs[0].0), "/titles"] {
        let page = ask(&served, ("GET", path), &session, b"");
        assert_eq!(page.status, 200, "{page:?}");
        assert!(
            page.head.contains("script-src 'self'") && !page.body.contains("<img src=x"),
            "{page:?}"
        );
    }
    assert!(
        ask(&served, ("GET", "/"), &session, b"")
            .body
            .contains("&lt;img src=x")
    );
    let notice = format!("/jobs/{}/notice?law=cn14&language=zh", jobs[0].0);
    assert!(
        ask(&served, ("GET", &notice), &session, b"")
            .body
            .contains("第十四条")
    );
    // A page of somebody else cannot act in the name of who is signed in.
    let forged = [
        ("Cookie", cookie.as_str()),
        ("Content-Type", "application/json"),
    ];
    ask(&served, ("POST", "/v1/cases"), &forged, b"{\"name\":\"x\"}").is_problem(403);
    let own = [forged[0], forged[1], ("X-Desk", "1")];
    assert_eq!(
        ask(&served, ("POST", "/v1/cases"), &own, b"{\"name\":\"x\"}").status,
        201
    );
}

#[test]
#[ignore = "slow: eleven seconds of silence"]
fn who_sends_a_byte_now_and_then_is_not_waited_for() {
    use std::io::{Read as _, Write as _};
    let folder = studio();
    let served = Served::start(folder.path());
    let mut slow = std::net::TcpStream::connect(&served.address).expect("a connection");
    slow.write_all(b"GET /health HTT").expect("a start");
    let begun = std::time::Instant::now();
    let _ = slow.read_to_end(&mut Vec::new());
    assert!((5.0..20.0).contains(&begun.elapsed().as_secs_f64()));
    assert_eq!(get(&served, "/health").status, 200);
}
