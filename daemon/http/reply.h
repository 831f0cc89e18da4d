#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "http/answer.h"

namespace halfclosed::http {

/// One request and its answer, between the thread of the server and the one that answers. Thread-safe.
class Exchange {
 public:
    /// `resume` lets the server go on with the request; called from any thread, after `suspend` of wait() was.
    explicit Exchange(std::function<void()> resume) : resume_(std::move(resume)) {}

    /// The first answer holds; the others, and what comes after over(), are dropped.
    void give(Answer answer);

    /// False: there is an answer already. True: `suspend` has been called, and resume() is called once there is one.
    bool wait(const std::function<void()>& suspend);

    const std::optional<Answer>& answer() const {
        return answer_;
    }  ///< of the server, once it is there

    /// Whether this text is its answer.
    bool sends(const std::string* text);

    /// The peer is gone, where the answer is a stream.
    void end_stream();

    /// The connection has no more to do with it; a stream's peer is gone.
    void over();

 private:
    std::mutex mutex_;
    std::function<void()> resume_;
    std::optional<Answer> answer_;
    bool waiting_ = false;
    bool over_ = false;
};

/// The right to answer one request, from any thread, once. Where the last copy goes unused, the answer is 500.
class Reply {
 public:
    explicit Reply(std::shared_ptr<Exchange> exchange);

    void send(Answer answer) const;

 private:
    struct Unanswered;
    std::shared_ptr<Unanswered> exchange_;
};

}  // namespace halfclosed::http
