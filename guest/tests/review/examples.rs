//! The examples of the rules' pages, as clusters.

use podroute_policy::objects::Key;
use podroute_policy::objects::document::Contents;
use podroute_policy::settings::{RawSettings, Settings};
use serde::Deserialize;

pub(crate) struct Example {
    pub(crate) title: String,
    pub(crate) documents: Vec<String>,
    settings: serde_json::Value,
}

impl Example {
    /// The settings of the example, with every kind in it listed.
    pub(crate) fn listing(&self) -> Settings {
        let mut settings = self.settings.clone();
        let kinds: Vec<String> = self
            .documents
            .iter()
            .filter_map(|document| {
                let object: serde_json::Value = serde_json::from_str(document).unwrap();
                object["kind"].as_str().map(str::to_owned)
            })
            .collect();
        settings["listedKinds"] = kinds.into();
        let raw: RawSettings = serde_json::from_value(settings).unwrap();
        Settings::try_from(raw).unwrap()
    }

    /// The object of a document; None for one that nothing reads, and lists.
    pub(crate) fn key(&self, at: usize) -> Option<Key> {
        let contents = Contents::read(&self.documents[at]);
        match contents.objects.as_slice() {
            [object] => Some(object.key()),
            _ => None,
        }
    }
}

pub(crate) fn of(page: &str) -> Vec<Example> {
    let (_, text) = page.split_once("\n## Examples\n").unwrap();
    text.split("\n### ").skip(1).map(example).collect()
}

fn example(text: &str) -> Example {
    let block = |language: &str| {
        let (_, rest) = text.split_once(&format!("```{language}\n"))?;
        rest.split_once("\n```").map(|(block, _)| block)
    };
    let documents = serde_norway::Deserializer::from_str(block("yaml").unwrap_or_default())
        .map(|document| serde_json::Value::deserialize(document).unwrap())
        .filter(|document| !document.is_null())
        .map(|document| document.to_string())
        .collect();
    Example {
        title: text.lines().next().unwrap_or_default().to_owned(),
        documents,
        settings: serde_json::from_str(block("json").unwrap_or("{}")).unwrap(),
    }
}
