#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "http/reply.h"

namespace halfclosed::http {

/// The requests of a server that are not yet answered to the last byte. Thread-safe.
class Exchanges {
 public:
    /// Answered with 503 from the beginning where the server is ending.
    std::shared_ptr<Exchange> open(int descriptor, std::function<void()> resume);

    /// Its connection has no more to do with it.
    void close(const std::shared_ptr<Exchange>& exchange);

    /// Whoever waits for an answer gets 503, all streams are gone, and nobody waits any more.
    void end();

    /// Calls `cut` with the descriptor of each that this text is being sent to.
    void release(const std::string* text, const std::function<void(int descriptor)>& cut);

 private:
    std::mutex mutex_;
    std::map<std::shared_ptr<Exchange>, int> open_;  ///< and their descriptors; under mutex_
    bool ending_ = false;                            ///< under mutex_
};

}  // namespace halfclosed::http
