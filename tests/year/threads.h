#pragma once

namespace year {

/// Waits until every other thread waits for something: what one look has handed on is done before time goes on, as it is
/// in a minute of real time.
void wait_for_other_threads();

}  // namespace year
