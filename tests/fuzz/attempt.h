#pragma once

/// Calls one of several readers of the same input: it returns a value, or throws the exception that it may.
template <typename Allowed, typename Parse>
void attempt(Parse parse) {
    try {
        parse();
    } catch (const Allowed&) {
    }
}
