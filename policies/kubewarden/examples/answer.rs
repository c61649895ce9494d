//! Asks the module what every other host of the core can be asked, too, for
//! comparing them: `answer MODULE evaluate|review [REQUEST...]`.
//!
//! For each file, or for standard input, one line: the report or review, or
//! the error as `podroute.error/v1` writes it.

use std::error::Error;
use std::io::{self, Read, Write};
use std::{env, fs};

use wapc::WapcHost;
use wasmtime_provider::WasmtimeEngineProviderBuilder;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(module), Some(operation)) = (arguments.next(), arguments.next()) else {
        return Err("usage: answer MODULE evaluate|review [REQUEST...]".into());
    };
    let module = fs::read(&module).map_err(|error| format!("{module}: {error}"))?;
    let engine = WasmtimeEngineProviderBuilder::new()
        .module_bytes(&module)
        .build()?;
    let host = WapcHost::new(Box::new(engine), None)?;
    let operation = format!("podroute.{operation}");
    let files: Vec<String> = arguments.collect();
    if files.is_empty() {
        let mut request = Vec::new();
        io::stdin().read_to_end(&mut request)?;
        return answer(&host, &operation, &request);
    }
    for file in files {
        let request = fs::read(&file).map_err(|error| format!("{file}: {error}"))?;
        answer(&host, &operation, &request)?;
    }
    Ok(())
}

fn answer(host: &WapcHost, operation: &str, request: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut line = match host.call(operation, request) {
        Ok(answer) => answer,
        // The module's own word; anything else is a fault of the host.
        Err(wapc::errors::Error::GuestCallFailure(message)) if message.starts_with('{') => {
            message.into_bytes()
        }
        Err(error) => return Err(error.into()),
    };
    line.push(b'\n');
    Ok(io::stdout().write_all(&line)?)
}
