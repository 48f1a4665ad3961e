//! Time stamps: of a real authority, and of one that answers nonsense or with another digest.

use countermark_evidence::{EvidenceError, stamp};

use crate::{authority::Authority, served::serve, specimen::head};

#[test]
fn a_request_over_http_is_answered_with_a_token_that_verifies() {
    let authority = Authority::new();
    let certificate = authority.certificate();
    let (url, served) = serve(move |request| authority.answer(&request));
    let head = head(false);
    let request = stamp::request(&stamp::digest_of(&head.text()));
    let response = stamp::ask(&url, &request).expect("an answer");
    served.join().expect("served");
    let stamp = stamp::accept(&head.text(), &response, &certificate).expect("a stamp");
    assert_eq!(stamp.facts.policy, "1.2.3.4.1");
    assert!(!stamp.facts.claims_qualified);
    assert_eq!(stamp.facts.time.len(), 20, "{}", stamp.facts.time);
}

#[test]
fn another_digest_authority_or_nonsense_is_told_apart() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (own, other) = (head(false).text(), head(true).text());
    let response = authority.answer(&stamp::request(&stamp::digest_of(&other)));
    let refused = |response: &[u8], certificate: &str| {
        stamp::accept(&own, response, certificate).expect_err("refused")
    };
    let error = refused(&response, &authority.certificate());
    assert!(
        matches!(error, EvidenceError::OtherDigest { .. }),
        "{error}"
    );
    let right = authority.answer(&stamp::request(&stamp::digest_of(&own)));
    let error = refused(&right, &stranger.certificate());
    assert!(matches!(error, EvidenceError::StampBroken(_)), "{error}");
    let mut changed = right.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let error = refused(&changed, &authority.certificate());
    assert!(matches!(error, EvidenceError::StampBroken(_)), "{error}");
    let error = refused(b"<html>no such page</html>", &authority.certificate());
    assert!(matches!(error, EvidenceError::NoStamp(_)), "{error}");
    let error = refused(&right[..right.len() / 2], &authority.certificate());
    assert!(matches!(error, EvidenceError::NoStamp(_)), "{error}");
}

#[test]
fn an_authority_that_is_not_there_is_named() {
    let error = stamp::ask("http://127.0.0.1:1/tsr", b"request").expect_err("nobody");
    let said = error.to_string();
    assert!(
        said.starts_with("the time stamping authority at http://127.0.0.1:1/tsr did not answer: "),
        "{said}"
    );
}
