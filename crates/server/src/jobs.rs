//! Everything that runs without being asked: the jobs and ticks of all features, in one registry.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use app::{App, Ctx};
use domain::clock::Clock;
use jobs::{JobError, JobResult, Lease, Registry, Runner, Settings};

/// Every kind of job and all periodic work.
pub fn registry() -> Registry<App> {
    Registry::new()
        .job::<app::message::round::Tell>()
        .job::<app::exam::amendment::tell::Tell>()
        .job::<app::exam::change::tell::Tell>()
        .job::<app::exam::decision::carry::CarryOut>()
        .job::<app::message::broadcast::Broadcast>()
        .job::<app::payment::reconcile::Work>()
        .job::<app::payment::nontax::Read>()
        .job::<app::archive::build::Build>()
        .job::<app::account::legacy::Work>()
        .job::<app::rehearsal::Make>()
        .job::<app::rehearsal::wipe::Carry>()
        .job::<app::ticket::bake::Bake>()
        .job::<app::arrangement::papers::make::Make>()
        .job::<app::arrangement::make::Make>()
        .job::<app::selection::carry::Carry>()
        .tick(
            "message.rounds",
            Duration::from_secs(30),
            None,
            |app, _| async move { done(app::message::round::open_rounds(&Ctx::system(&app)).await) },
        )
        .tick(
            "message.broadcasts",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::message::broadcast::resume(&Ctx::system(&app)).await) },
        )
        .tick(
            "message.send",
            Duration::from_secs(30),
            Some(app::message::TOPIC),
            |app, _| async move { done(app::message::send_due(&Ctx::system(&app)).await) },
        )
        .tick(
            "payment.work",
            Duration::from_secs(5),
            Some(app::payment::TOPIC),
            |app, _| rounds(app, |app| async move { app::payment::work(&Ctx::system(&app)).await }),
        )
        .tick(
            "payment.bills",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::payment::reconcile::plan(&Ctx::system(&app)).await) },
        )
        .tick(
            "payment.bank_lists",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::payment::nontax::resume(&Ctx::system(&app)).await) },
        )
        .tick(
            "statistics.fold",
            Duration::from_secs(5),
            None,
            |app, _| async move { done(app::statistics::fold(&app).await) },
        )
        .tick(
            "exam.reapply",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::exam::reapply::sweep(&Ctx::system(&app)).await) },
        )
        .tick(
            "archive.builds",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::archive::build::resume(&Ctx::system(&app)).await) },
        )
        .tick(
            "archive.purge",
            Duration::from_secs(600),
            None,
            |app, _| async move { done(app::archive::purge::purge_due(&Ctx::system(&app)).await) },
        )
        .tick(
            "selection.rounds",
            Duration::from_secs(30),
            None,
            |app, _| async move { done(app::selection::carry::resume(&Ctx::system(&app)).await) },
        )
        .tick(
            "selection.lapse",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::selection::promote::lapse(&Ctx::system(&app)).await) },
        )
        .tick(
            "rehearsal.act",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(rehearse(&Ctx::system(&app)).await) },
        )
        .tick(
            "review.sweep",
            Duration::from_secs(30),
            None,
            |app, _| async move { done(app::review::sweep(&app).await) },
        )
        .tick("audit.seal", Duration::from_secs(1), None, seal)
        .tick(
            "account.sweep",
            Duration::from_secs(600),
            None,
            |app, _| rounds(app, |app| async move { app::account::sweep(&Ctx::system(&app)).await }),
        )
        .tick(
            "message.sweep",
            Duration::from_secs(3600),
            None,
            |app, _| rounds(app, |app| async move { app::message::sweep(&Ctx::system(&app)).await }),
        )
        .tick(
            "check.ask",
            Duration::from_secs(60),
            None,
            |app, _| rounds(app, |app| async move { app::check::ask_due(&Ctx::system(&app)).await }),
        )
        .tick(
            "account.legacy",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::account::legacy::resume(&Ctx::system(&app)).await) },
        )
        .tick(
            "account.legacy_tend",
            Duration::from_secs(600),
            None,
            |app, _| async move { done(app::account::legacy::tend(&Ctx::system(&app)).await) },
        )
        .tick(
            "ticket.bake",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::ticket::bake::bake_due(&Ctx::system(&app)).await) },
        )
        .tick(
            "ticket.sweep",
            Duration::from_secs(600),
            None,
            |app, _| rounds(app, |app| async move { app::ticket::sweep(&Ctx::system(&app)).await }),
        )
        .tick(
            "arrangement.papers",
            Duration::from_secs(60),
            None,
            |app, _| async move {
                done(app::arrangement::papers::make::resume(&Ctx::system(&app)).await)
            },
        )
        .tick(
            "arrangement.papers_sweep",
            Duration::from_secs(3600),
            None,
            |app, _| {
                rounds(app, |app| async move {
                    app::arrangement::papers::sweep::sweep(&Ctx::system(&app)).await
                })
            },
        )
        .tick(
            "arrangement.plans",
            Duration::from_secs(60),
            None,
            |app, _| async move { done(app::arrangement::make::resume(&Ctx::system(&app)).await) },
        )
        .tick(
            "object.sweep",
            Duration::from_secs(3600),
            None,
            |app, _| async move { done(app::object::sweep(&app).await) },
        )
}

/// Goes on where a job of a rehearsal died, and lets its candidates do what they can by now.
async fn rehearse(ctx: &Ctx) -> app::Result<()> {
    app::rehearsal::resume(ctx).await?;
    app::rehearsal::wipe::resume(ctx).await?;
    app::rehearsal::act(ctx).await
}

/// A tick goes on from round to round for so long; the rest is for the next tick.
const BUDGET: Duration = Duration::from_secs(10);

/// Rounds of something until one finds nothing to do, or the time is up.
async fn rounds<N, F>(app: App, round: impl Fn(App) -> F) -> JobResult
where
    N: Default + PartialOrd,
    F: Future<Output = app::Result<N>>,
{
    let until = Instant::now() + BUDGET;
    while round(app.clone()).await.map_err(|error| failed(&error))? > N::default()
        && Instant::now() < until
    {}
    Ok(())
}

/// Links audit entries until none waits.
async fn seal(app: App, _: Lease) -> JobResult {
    let ctx = Ctx::system(&app);
    while app::audit::seal(&ctx)
        .await
        .map_err(|error| failed(&error))?
        > 0
    {}
    Ok(())
}

fn done<T>(result: app::Result<T>) -> JobResult {
    result.map(|_| ()).map_err(|error| failed(&error))
}

/// The error with its causes, one line; they hold no personal data.
fn failed(error: &app::Error) -> JobError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    JobError::retry(text)
}

/// A runner for all of it.
///
/// # Errors
/// If two jobs have one name, which a test excludes.
pub fn runner(app: &App, clock: &Arc<dyn Clock>) -> anyhow::Result<Runner<App>> {
    let seed = u64::from_le_bytes(app.random());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let worker = format!("{}/{}/{seed:08x}", host.trim(), std::process::id());
    Runner::new(
        app.db().clone(),
        Arc::clone(clock),
        app.clone(),
        registry(),
        Settings::new(worker, seed),
    )
    .context("登记后台任务")
}
