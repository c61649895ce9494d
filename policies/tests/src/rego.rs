//! Rego, in regorus and in OPA itself.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::files;

/// What answers `external_data`.
pub type ExternalData = Arc<dyn Fn(&Value) -> Value + Send + Sync>;

/// Something that runs Rego.
#[derive(Clone, Debug)]
pub enum Engine {
    Regorus,
    /// OPA, in this Python.
    Opa(PathBuf),
}

/// Policies and what they are asked about.
pub struct Program {
    /// Names and texts.
    pub modules: Vec<(String, String)>,
    /// Whether they are parsed as Gatekeeper does by default.
    pub v0: bool,
    pub data: Value,
    pub external_data: ExternalData,
}

/// The engines that are there. OPA is, if `OPA_PYTHON` names a Python with the
/// package that opa/requirements.txt names.
pub fn engines() -> Vec<Engine> {
    let opa = std::env::var_os("OPA_PYTHON").map(|python| Engine::Opa(python.into()));
    [Engine::Regorus].into_iter().chain(opa).collect()
}

/// For policies that do not call `external_data`.
pub fn no_external_data() -> ExternalData {
    Arc::new(|request| panic!("external_data was called: {request}"))
}

impl Program {
    /// The value of a rule or package, by its path: `main.deny`.
    pub fn eval(&self, engine: &Engine, path: &str, input: &Value) -> Value {
        match engine {
            Engine::Regorus => self.eval_in_regorus(path, input),
            Engine::Opa(python) => self.eval_in_opa(python, path, input),
        }
    }

    fn eval_in_regorus(&self, path: &str, input: &Value) -> Value {
        let mut engine = regorus::Engine::new();
        engine.set_rego_v0(self.v0);
        let answer = Arc::clone(&self.external_data);
        engine
            .add_extension(
                "external_data".to_owned(),
                1,
                Box::new(move |arguments: Vec<regorus::Value>| {
                    let request = serde_json::to_value(&arguments[0])?;
                    Ok(serde_json::from_value(answer(&request))?)
                }),
            )
            .unwrap();
        for (name, text) in &self.modules {
            engine.add_policy(name.clone(), text.clone()).unwrap();
        }
        engine
            .add_data(serde_json::from_value(self.data.clone()).unwrap())
            .unwrap();
        engine.set_input(serde_json::from_value(input.clone()).unwrap());
        let results = engine.eval_query(format!("data.{path}"), false).unwrap();
        serde_json::to_value(&results.result[0].expressions[0].value).unwrap()
    }

    /// OPA takes them as v1; see opa/evaluate.py for what is said.
    fn eval_in_opa(&self, python: &PathBuf, path: &str, input: &Value) -> Value {
        let mut process = Command::new(python)
            .arg(files::policies("tests/opa/evaluate.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python that OPA_PYTHON names does not start");
        let mut to = process.stdin.take().unwrap();
        let mut from = BufReader::new(process.stdout.take().unwrap());
        let program =
            json!({"modules": self.modules, "data": self.data, "input": input, "path": path});
        writeln!(to, "{program}").unwrap();
        let result = loop {
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            let mut said: Value = serde_json::from_str(&line).expect("OPA ended, see above");
            if let Some(request) = said.get("external_data") {
                writeln!(to, "{}", (self.external_data)(request)).unwrap();
            } else {
                break said["result"].take();
            }
        };
        assert!(process.wait().unwrap().success());
        result
    }
}
