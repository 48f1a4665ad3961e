//! Jobs, each in a process of its own: begun, heard, ended, and what they leave taken away.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use countermark_register::Timestamp;
use countermark_register::desk::{DeskStore, Firing, JobRecord};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};

use crate::desk::Desk;
use crate::examine::Errand;
use crate::kept;
use crate::problem::Problem;

mod hearing;

use hearing::{Heard, UNANSWERED};

/// How long a process that is to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(3);
/// How often is looked for jobs whose time has come.
const LOOK: Duration = Duration::from_secs(2);
/// How long an upload may stay that nobody goes on with.
const UPLOADS_FOR: Duration = Duration::from_secs(24 * 3600);
/// How often is looked for what nobody goes on with.
const TIDY: Duration = Duration::from_secs(3600);

/// Takes one job after the other, as long as the desk serves.
pub(crate) async fn work(desk: Arc<Desk>) {
    loop {
        let job = match desk.record(DeskStore::begin_job).await {
            Ok(Some(job)) => job,
            Ok(None) => {
                let bell = desk.events.waiting.notified();
                let _ = tokio::time::timeout(LOOK, bell).await;
                continue;
            }
            Err(problem) => {
                desk.journal().warn(&format!(
                    "jobs: {}",
                    problem.cause.unwrap_or(problem.detail)
                ));
                tokio::time::sleep(LOOK).await;
                continue;
            }
        };
        one(&desk, &job).await;
    }
}

async fn one(desk: &Arc<Desk>, job: &JobRecord) {
    let bell = desk.events.begin(&job.id);
    desk.events.tell(&job.id, hearing::under_way(job), false);
    let mut heard = Heard::of(job);
    let ended = examined(desk, job, &bell, &mut heard).await;
    desk.events.end(&job.id);
    let (state, tidied) = if heard.is_answered() {
        hearing::kept(desk, job, heard, ended).await;
        ("done", kept::trim(desk, &job.id).await)
    } else {
        let why = ended.err().unwrap_or_else(|| UNANSWERED.to_owned());
        let state = hearing::failed(desk, job, why).await;
        let removed = kept::remove(desk, &job.id).await;
        (state, removed.map_err(Problem::ours))
    };
    if let Err(problem) = tidied {
        let why = problem.cause.unwrap_or(problem.detail);
        desk.journal().warn(&format!("what is kept stays: {why}"));
    }
    if let Err(problem) = forget(desk, &job.upload).await {
        let why = problem.cause.unwrap_or(problem.detail);
        desk.journal().warn(&format!("an upload stays: {why}"));
    }
    desk.events.tell(&job.id, json!({"state": state}), true);
}

/// Tells the journal of rules that fired.
pub(crate) fn warned(desk: &Desk, fired: &[Firing]) {
    for one in fired {
        let (name, title, clips) = (&one.name, &one.title, one.clips);
        desk.journal().warn(&format!(
            "the rule {name:?} fired: {title:?}, {clips} clips"
        ));
    }
}

/// Runs a process and hears it until what it keeps is there; why it did not come so far.
async fn examined(
    desk: &Arc<Desk>,
    job: &JobRecord,
    bell: &tokio::sync::Notify,
    heard: &mut Heard,
) -> Result<(), String> {
    let settings = &desk.settings;
    let threads = (settings.threads / settings.workers.max(1)).max(1);
    // What an examination that was cut off has kept.
    let removed = kept::remove(desk, &job.id).await;
    removed.map_err(|_| "what is kept of it cannot be replaced".to_owned())?;
    let mut command = Command::new(&settings.program);
    command
        .arg("examine")
        .env_clear()
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut child = command
        .spawn()
        .map_err(|_| "no process can be started".to_owned())?;
    let errand = Errand {
        kind: job.kind.as_str().to_owned(),
        vault: settings.vault.clone(),
        clip: desk.store.uploads_folder().join(&job.upload),
        name: job.name.clone(),
        title: job.title.clone(),
        passphrase: passphrase_of(&settings.vault),
        keep: kept::folder(desk, &job.id),
        acquired: acquired(job),
    };
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("no process can be started".to_owned());
    };
    let line = serde_json::to_string(&errand).map_err(|error| error.to_string())?;
    let written = input.write_all(format!("{line}\n").as_bytes()).await;
    written.map_err(|_| "its process ended".to_owned())?;
    let ended = tokio::select! {
        ended = heard.listen(desk, job, output) => ended,
        () = bell.notified() => Err("cancelled".to_owned()),
        () = tokio::time::sleep(settings.job_time) => Err("it took too long".to_owned()),
    };
    end(child, input).await;
    ended
}

/// What the process opens the vault with, if it is sealed: whoever opened it here was asked.
fn passphrase_of(vault: &Path) -> Option<String> {
    let is_sealed = countermark_register::is_sealed(vault).unwrap_or(false);
    let known = is_sealed.then(|| countermark_register::passphrase::of(vault));
    let known = known?.ok()??;
    Some(known.text().to_owned())
}

/// How a clip came here, for its bundle.
fn acquired(job: &JobRecord) -> Value {
    json!({
        "how": "sent to the studio's desk",
        "file": job.name,
        "received": Timestamp::at_unix_millis(job.created.max(0) as u64).to_string(),
        "by": job.owner,
        "source": job.origin.source,
        "uploader": job.origin.uploader,
        "platform": job.origin.platform,
    })
}

/// Ends a process: asks it to, then kills it.
async fn end(mut child: Child, input: ChildStdin) {
    drop(input);
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        // It is gone either way.
        let _ = child.kill().await;
    }
}

/// Takes away the bytes of an upload that no job waits for.
pub(crate) async fn forget(desk: &Arc<Desk>, upload: &str) -> Result<(), Problem> {
    let (id, path) = (upload.to_owned(), desk.store.uploads_folder().join(upload));
    if desk.record(move |store| store.forget_upload(&id)).await? {
        removed(&path).await.map_err(Problem::ours)?;
    }
    Ok(())
}

async fn removed(path: &std::path::Path) -> std::io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Takes away what a desk before this one left.
pub(crate) async fn begin(desk: &Arc<Desk>) {
    if let Err(problem) = kept::sweep(desk).await {
        let why = problem.cause.unwrap_or(problem.detail);
        desk.journal().warn(&format!("what is kept stays: {why}"));
    }
    sweep(desk, Duration::ZERO).await;
}

/// Takes away now and then what nobody goes on with.
pub(crate) async fn tidy(desk: Arc<Desk>) {
    loop {
        tokio::time::sleep(TIDY).await;
        sweep(&desk, TIDY).await;
    }
}

/// Takes away files that no upload is of, older than `age`, for others may be about to be put on record, and uploads that nobody went on with.
async fn sweep(desk: &Arc<Desk>, age: Duration) {
    for spent in desk
        .record(DeskStore::spent_uploads)
        .await
        .unwrap_or_default()
    {
        let _ = forget(desk, &spent).await;
    }
    let Ok(uploads) = desk.record(DeskStore::uploads).await else {
        return;
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let oldest = now
        .unwrap_or_default()
        .saturating_sub(UPLOADS_FOR)
        .as_millis() as i64;
    for upload in uploads.iter().filter(|upload| upload.created < oldest) {
        let _ = forget(desk, &upload.id).await;
    }
    let Ok(mut entries) = tokio::fs::read_dir(desk.store.uploads_folder()).await else {
        return;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let name = entry.file_name();
        let made = entry.metadata().await.and_then(|about| about.modified());
        let is_young = made.is_ok_and(|made| made.elapsed().unwrap_or_default() < age);
        if !is_young && !uploads.iter().any(|upload| name == upload.id.as_str()) {
            let _ = removed(&entry.path()).await;
        }
    }
}
