//! What a running podroute says about itself, and waiting for it.

use std::time::Duration;

use serde_json::Value;

use crate::avi::Controller;
use crate::podroute::Podroute;

/// The name of the table that stories are about.
pub(crate) const TABLE: &str = "avi vrf global";

/// Waits until something is so that has to be asked for.
pub(crate) async fn until_async(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited a minute in vain until {what}");
}

/// The routes of the VRF `global` as they stand there.
pub(crate) fn static_routes(controller: &Controller) -> Vec<Value> {
    let vrf: Value = serde_json::from_str(&controller.vrf("global")).unwrap();
    vrf["static_routes"].as_array().unwrap().clone()
}

impl Podroute {
    /// What `/status` says about the table.
    pub(crate) async fn table(&self) -> Value {
        self.json("/status").await["tables"][TABLE].clone()
    }

    /// What goes wrong with the table; empty when nothing does.
    pub(crate) async fn error(&self) -> String {
        let table = self.table().await;
        table["error"]["text"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Why something is not done to the table.
    pub(crate) async fn held(&self) -> String {
        self.table().await["held"].to_string()
    }

    /// A metric of the table, with these other labels; 0 when it is not there.
    pub(crate) async fn of_table(&self, name: &str, labels: &str) -> f64 {
        let line = format!("podroute_{name}{{table=\"{TABLE}\"{labels}}}");
        self.metric(&line).await.unwrap_or_default()
    }

    pub(crate) async fn writes(&self) -> f64 {
        self.of_table("table_writes_total", ",result=\"ok\"").await
    }

    pub(crate) async fn reads(&self) -> f64 {
        self.of_table("table_reads_total", ",result=\"ok\"").await
    }

    /// Has it look at the table, and waits until it has done so from the
    /// beginning to the end.
    pub(crate) async fn looks_again(&self) {
        for _ in 0..2 {
            let before = self.reads().await;
            let (status, body) = self.post("/reconcile", &Value::Null).await;
            assert_eq!(status, 202, "{body}");
            until_async("the table is read again", async || {
                self.reads().await > before
            })
            .await;
        }
    }

    /// `leader`, `follower` or `not-used`; empty while nothing answers yet.
    pub(crate) async fn role(&self) -> String {
        let answer = self.get("/status").await;
        let status = answer.map_or(Value::Null, |(_, text)| {
            serde_json::from_str(&text).unwrap()
        });
        let role = status["leadership"]["role"].as_str();
        role.unwrap_or_default().to_owned()
    }
}
