//! The admission webhook: what a change would break is said before it is made.
//!
//! `request` reads an AdmissionReview and says which change it is about, the
//! reviewer says what that would bring about, `options`, `exemption` and
//! `acceptance` say whether it may be denied, and `answer` writes the response.

mod acceptance;
mod answer;
pub mod certificate;
mod counters;
mod denial;
mod exemption;
mod options;
mod refused;
mod request;
mod text;
mod warnings;

use std::time::Duration;

use prometheus_client::registry::Registry;
use tokio::time::{Instant, timeout};
use tracing::{debug, info, warn};

use crate::engines::reviewer::{Reviewer, Unanswered};
use crate::policy::{Change, Review, Verdict};

pub use options::{Mode, OnFailure, Options};
pub use refused::Refused;

use answer::{Answer, Outcome};
use counters::Counters;
use request::{Look, Request};

/// Answers admission reviews. Nothing is kept between two of them but counts.
#[derive(Debug)]
pub struct Admission {
    options: Options,
    counters: Counters,
}

impl Admission {
    pub fn new(options: Options) -> Self {
        Self {
            options,
            counters: Counters::default(),
        }
    }

    /// Adds the counts of answers and how long they took.
    pub fn register(&self, registry: &mut Registry) {
        self.counters.register(registry);
    }

    /// Answers an AdmissionReview with an AdmissionReview, both as JSON. What
    /// is refused is for the failurePolicy of the webhook to decide.
    pub async fn answer(&self, body: &[u8], reviewer: &dyn Reviewer) -> Result<Vec<u8>, Refused> {
        let start = Instant::now();
        let request = Request::read(body).inspect_err(|refused| {
            warn!("an admission review is refused: {refused}");
            self.counters.refused(false, start.elapsed());
        })?;
        match self.judge(&request, reviewer).await {
            Ok(answer) => {
                self.counters
                    .answered(answer.outcome, request.dry_run(), start.elapsed());
                tell(&request, &answer, start.elapsed());
                answer.write(request.uid())
            }
            Err(refused) => {
                warn!(
                    change = %request, dry_run = request.dry_run(),
                    "an admission review is refused: {refused}"
                );
                self.counters.refused(request.dry_run(), start.elapsed());
                Err(refused)
            }
        }
    }

    async fn judge(
        &self,
        request: &Request<'_>,
        reviewer: &dyn Reviewer,
    ) -> Result<Answer, Refused> {
        let change = match request.look()? {
            Look::At(change) => change,
            Look::Past(why) => return Ok(Answer::passed_by(why)),
        };
        // Why nothing is denied, if so.
        let lenient = self.options.lenient(request);
        let unaccepted = self.options.unaccepted(request);
        if let (Some(why), None) = (&unaccepted, &lenient) {
            return Ok(Answer::denied_acceptance(why));
        }
        let answer = self.answer_or_fail(change, lenient, reviewer).await?;
        Ok(match unaccepted {
            Some(why) => answer.and_would_deny(&why),
            None => answer,
        })
    }

    async fn answer_or_fail(
        &self,
        change: Change,
        lenient: Option<String>,
        reviewer: &dyn Reviewer,
    ) -> Result<Answer, Refused> {
        match self.review(change, reviewer).await {
            Ok(review) => Ok(answer_to(&review, lenient.as_deref())),
            Err(failure) => match (lenient, self.options.on_failure()) {
                (Some(lenient), _) => Ok(Answer::unseen(&failure).lenient(&lenient)),
                (None, OnFailure::Allow) => Ok(Answer::unseen(&failure)),
                (None, OnFailure::Deny) => Ok(Answer::denied_unseen(&failure)),
                (None, OnFailure::Fail) => Err(failure),
            },
        }
    }

    async fn review(&self, change: Change, reviewer: &dyn Reviewer) -> Result<Review, Refused> {
        let deadline = self.options.deadline();
        match timeout(deadline, reviewer.review(vec![change])).await {
            Ok(Ok(review)) => Ok(review),
            Ok(Err(Unanswered::NotYet(why))) => Err(Refused::NotYet(why)),
            Ok(Err(Unanswered::Failed(why))) => Err(Refused::Failed(why)),
            Err(_) => Err(Refused::Late(deadline)),
        }
    }
}

fn answer_to(review: &Review, lenient: Option<&str>) -> Answer {
    match (review.verdict, lenient) {
        (Verdict::Deny, None) => Answer::denied(review),
        (Verdict::Deny, Some(why)) => Answer::spared(review).lenient(why),
        (Verdict::Warn, _) => Answer::warned(review),
        (Verdict::Allow, _) => Answer::allowed(),
    }
}

fn tell(request: &Request<'_>, answer: &Answer, took: Duration) {
    let dry_run = request.dry_run();
    let (outcome, rules) = (answer.outcome, answer.rules());
    match outcome {
        Outcome::Denied | Outcome::Spared | Outcome::Unseen => info!(
            change = %request, user = ?request.user(), rules, dry_run, ?took, "{outcome}"
        ),
        _ => debug!(
            change = %request, user = ?request.user(), rules, dry_run, ?took, "{outcome}"
        ),
    }
}
