//! What each route does, takes and gives: a line a route.

/// What a route does, what it takes and what it gives.
pub(super) struct Operation {
    pub(super) id: &'static str,
    pub(super) about: &'static str,
    /// The schema of its JSON body; a word in capitals is bytes.
    pub(super) takes: Option<&'static str>,
    pub(super) status: &'static str,
    pub(super) gives: Option<&'static str>,
    pub(super) query: &'static [(&'static str, bool)],
}

const ROWS: &[(&str, bool)] = &[("limit", false), ("before", false)];
const CUT: &[(&str, bool)] = &[("title", false), ("limit", false), ("offset", false)];
const USE: &[(&str, bool)] = &[
    ("platform", true),
    ("territory", true),
    ("day", true),
    ("name", false),
    ("source", false),
    ("uploader", false),
];

#[expect(clippy::too_many_lines, reason = "one table, a line a route")]
pub(super) fn operation(method: &str, path: &str) -> Operation {
    let op = |id, about, takes, status, gives, query| Operation {
        id,
        about,
        takes,
        status,
        gives,
        query,
    };
    match (method, path) {
        ("GET", "/health") => op(
            "health",
            "Whether the desk can be asked",
            None,
            "200",
            Some("Health"),
            &[],
        ),
        ("GET", "/metrics") => op(
            "metrics",
            "Counters in Prometheus' text format",
            None,
            "200",
            Some("TEXT"),
            &[],
        ),
        ("GET", "/v1/openapi.json") => {
            op("openapi", "This document", None, "200", Some("Object"), &[])
        }
        ("GET", "/v1/titles") => op(
            "listTitles",
            "Titles on record",
            None,
            "200",
            Some("Titles"),
            CUT,
        ),
        ("GET", "/v1/titles/{id}/reference") => op(
            "getReference",
            "The registered reference of a title, a proxy of its master, in ranges of bytes",
            None,
            "206",
            Some("MP4"),
            &[],
        ),
        ("GET", "/v1/deliveries") => op(
            "listDeliveries",
            "Deliveries on record",
            None,
            "200",
            Some("Deliveries"),
            CUT,
        ),
        ("GET", "/v1/sightings") => op(
            "listSightings",
            "What was found, the newest first",
            None,
            "200",
            Some("Sightings"),
            &[("title", false), ("limit", false)],
        ),
        ("GET", "/v1/cases") => op(
            "listCases",
            "Cases, the newest first",
            None,
            "200",
            Some("Cases"),
            ROWS,
        ),
        ("POST", "/v1/cases") => op(
            "addCase",
            "Begin a case",
            Some("NewCase"),
            "201",
            Some("Case"),
            &[],
        ),
        ("GET", "/v1/cases/{id}") => op(
            "getCase",
            "A case with its notes and jobs",
            None,
            "200",
            Some("WholeCase"),
            ROWS,
        ),
        ("POST", "/v1/cases/{id}/notes") => op(
            "addNote",
            "Note something in a case",
            Some("NewNote"),
            "201",
            Some("Note"),
            &[],
        ),
        ("POST", "/v1/uploads") => op(
            "addUpload",
            "Begin an upload",
            Some("NewUpload"),
            "201",
            Some("Upload"),
            &[],
        ),
        ("HEAD", "/v1/uploads/{id}") => op(
            "headUpload",
            "How far an upload is, in Upload-Offset",
            None,
            "200",
            None,
            &[],
        ),
        ("GET", "/v1/uploads/{id}") => {
            op("getUpload", "An upload", None, "200", Some("Upload"), &[])
        }
        ("PATCH", "/v1/uploads/{id}") => op(
            "appendUpload",
            "The bytes from Upload-Offset on",
            Some("BYTES"),
            "204",
            None,
            &[],
        ),
        ("DELETE", "/v1/uploads/{id}") => {
            op("removeUpload", "Forget an upload", None, "204", None, &[])
        }
        ("GET", "/v1/jobs") => op(
            "listJobs",
            "Jobs, the newest first",
            None,
            "200",
            Some("Jobs"),
            &[("case", false), ("limit", false), ("before", false)],
        ),
        ("POST", "/v1/jobs") => op(
            "addJob",
            "Have an upload examined",
            Some("NewJob"),
            "202",
            Some("Job"),
            &[],
        ),
        ("GET", "/v1/jobs/{id}") => op("getJob", "A job", None, "200", Some("Job"), &[]),
        ("DELETE", "/v1/jobs/{id}") => {
            op("cancelJob", "Cancel a job", None, "200", Some("Job"), &[])
        }
        ("GET", "/v1/jobs/{id}/events") => op(
            "followJob",
            "What happens to a job, as server-sent events",
            None,
            "200",
            Some("EVENTS"),
            &[],
        ),
        ("GET", "/v1/jobs/{id}/result") => op(
            "getResult",
            "The JSON of the command line",
            None,
            "200",
            Some("Object"),
            &[],
        ),
        ("POST", "/v1/verify") => op(
            "verify",
            "What a print or a clip is, and whether a licence on record covers its use",
            Some("BYTES"),
            "200",
            Some("Verified"),
            USE,
        ),
        ("GET", "/v1/tokens") => op(
            "listTokens",
            "Tokens on record",
            None,
            "200",
            Some("Tokens"),
            &[],
        ),
        ("POST", "/v1/tokens") => op(
            "addToken",
            "Make a token; its text is told this once",
            Some("NewToken"),
            "201",
            Some("FreshToken"),
            &[],
        ),
        ("GET", "/v1/jobs/{id}/bundle") => op(
            "getBundle",
            "The proof bundle of a trace that accuses somebody; it opens the keys of the accused deliveries",
            None,
            "200",
            Some("ZIP"),
            &[],
        ),
        ("GET", "/v1/jobs/{id}/report") => op(
            "getReport",
            "The page to hand on, one file without scripts",
            None,
            "200",
            Some("HTML"),
            &[],
        ),
        ("GET", "/v1/jobs/{id}/frames/{name}") => op(
            "getFrame",
            "A frame that was compared, N-clip.png, or the master's in its geometry, N-master.png",
            None,
            "200",
            Some("PNG"),
            &[],
        ),
        ("GET", "/v1/rules") => op(
            "listRules",
            "Rules of early warning",
            None,
            "200",
            Some("Rules"),
            &[],
        ),
        ("POST", "/v1/rules") => op(
            "addRule",
            "Make a rule: a burst (clips within a time) or a first sighting (before a release)",
            Some("NewRule"),
            "201",
            Some("Rule"),
            &[],
        ),
        ("DELETE", "/v1/rules/{id}") => {
            op("removeRule", "Take a rule away", None, "204", None, &[])
        }
        ("GET", "/v1/firings") => op(
            "listFirings",
            "That rules fired, the newest first",
            None,
            "200",
            Some("Firings"),
            ROWS,
        ),
        ("GET", "/v1/webhooks") => op(
            "listWebhooks",
            "Who is told of what happens",
            None,
            "200",
            Some("Webhooks"),
            &[],
        ),
        ("POST", "/v1/webhooks") => op(
            "addWebhook",
            "Have an address told of job.ended or rule.fired, signed; its secret is told this once",
            Some("NewWebhook"),
            "201",
            Some("FreshWebhook"),
            &[],
        ),
        ("DELETE", "/v1/webhooks/{id}") => op(
            "removeWebhook",
            "Tell an address nothing more",
            None,
            "204",
            None,
            &[],
        ),
        ("GET", "/v1/webhooks/{id}/attempts") => op(
            "listAttempts",
            "What was told to an address, the newest first",
            None,
            "200",
            Some("Attempts"),
            ROWS,
        ),
        _ => op("revokeToken", "Take a token back", None, "204", None, &[]),
    }
}
