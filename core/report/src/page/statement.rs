//! An answer as a page states it, whichever command gave it.

use countermark_trace::result::{
    Accusation, ClipReport, Compared, Consistency, Credentials, Identification, Identity, Match,
    Tried, Verdict,
};

/// What a command found.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// The answer.
    pub verdict: Verdict,
    /// Name of the title.
    pub title: Option<&'a str>,
    /// Where the clip lies in it.
    pub matches: &'a [Match],
    /// The accused, most certain first.
    pub accused: &'a [Accusation],
    /// How far the accusations rest on pictures; nothing where nobody can be accused.
    pub compared: Option<&'a Compared>,
    /// Whether the mark came with its picture, where that is known.
    pub consistency: Option<Consistency>,
    /// What was tried.
    pub work: Work<'a>,
    /// The C2PA manifest of the clip's file.
    pub credentials: Option<&'a Credentials>,
    /// Time the analysis took.
    pub seconds: f64,
}

/// What was tried.
#[derive(Debug, Clone, Copy)]
pub enum Work<'a> {
    /// Title, seconds and delivery.
    Trace(&'a Tried),
    /// Title and seconds alone.
    Identify(&'a Identification),
}

impl<'a> From<&'a ClipReport> for Statement<'a> {
    fn from(report: &'a ClipReport) -> Self {
        Self {
            verdict: report.verdict,
            title: report.identity.as_ref().and_then(title),
            matches: report.identity.as_ref().map_or(&[], |it| &it.matches),
            accused: &report.deliveries,
            compared: Some(&report.compared),
            consistency: report.consistency,
            work: Work::Trace(&report.tried),
            credentials: report.credentials.as_ref(),
            seconds: report.seconds,
        }
    }
}

impl<'a> From<&'a Identification> for Statement<'a> {
    fn from(report: &'a Identification) -> Self {
        let title = title(&report.identity);
        Self {
            verdict: title.map_or(Verdict::NotFound, |_| Verdict::TitleOnly),
            title,
            matches: &report.identity.matches,
            accused: &[],
            compared: None,
            consistency: None,
            work: Work::Identify(report),
            credentials: report.credentials.as_ref(),
            seconds: report.seconds,
        }
    }
}

fn title(identity: &Identity) -> Option<&str> {
    identity.title.as_deref()
}
