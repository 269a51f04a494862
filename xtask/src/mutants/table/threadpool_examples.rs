//! Defects of `socketserver`.

use super::{Mutant, Verdict};

const SOCKETSERVER: Mutant = Mutant {
    name: "",
    server: "socketserver",
    file: "threadpool-server/examples/socketserver.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "socketserver-panic-skips-finish",
        from: "catch_unwind(AssertUnwindSafe(|| handler.handle()));",
        to: "Ok::<_, Box<dyn std::any::Any + Send>>(handler.handle());\n\
             let _ = (AssertUnwindSafe(()), catch_unwind::<fn(), ()>);",
        breaks: "A `handle` that panics is not followed by `finish`.",
        ..SOCKETSERVER
    },
    Mutant {
        name: "socketserver-error-skips-finish",
        from: "    handler.finish();\n",
        to: "    if matches!(handled, Ok(Ok(())) | Err(_)) {\n handler.finish();\n }\n",
        breaks: "A `handle` that fails is not followed by `finish`.",
        ..SOCKETSERVER
    },
    Mutant {
        name: "socketserver-in-turn",
        from: "                say!(\"{client_address}: {error}\");\n            }\n        })\n",
        to: "                say!(\"{client_address}: {error}\");\n            }\n        })\n\
             .map(|thread| thread.join().is_ok())\n",
        breaks: "The next request waits until the thread of the one before has ended.",
        ..SOCKETSERVER
    },
    Mutant {
        name: "socketserver-accept-error-ends-server",
        from: "Err(error) if error.kind() == ErrorKind::WouldBlock => {}\n            \
               Err(error) => return",
        to: "Err(error) => return",
        breaks: "A shortage of descriptors, after which nobody can be accepted yet, ends the server.",
        ..SOCKETSERVER
    },
    Mutant {
        name: "socketserver-listener-never-breaks",
        from: "            Err(error) => return Err(error.into()),\n",
        to: "            Err(_) => {}\n",
        breaks: "A broken listener is asked again and again.",
        ..SOCKETSERVER
    },
];
