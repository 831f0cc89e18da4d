#include "service/scenario_queue.h"

#include <algorithm>
#include <system_error>

#include "text/json.h"
#include "text/json_value.h"

namespace halfclosed::control {

namespace {

using text::Json;

/// Null if it is not JSON.
text::JsonValue parse(const std::string& line) {
    try {
        return text::parse_json(line);
    } catch (const text::JsonError&) {
        return {};
    }
}

std::string error_line(const std::string& what) {
    return Json{{"fact", "trouble"}, {"what", what}}.dump();
}

std::string describe(const EventLoop::ChildEnd& end) {
    return (end.by_signal ? "the lab was ended by signal " : "the lab ended with status ") +
           std::to_string(end.number) + " and gave no verdict";
}

}  // namespace

ScenarioQueue::ScenarioQueue(EventLoop& loop, std::vector<std::string> command,
                             OnVerdict on_verdict)
    : loop_(loop),
      command_(std::move(command)),
      on_verdict_(std::move(on_verdict)),
      next_(loop.timer([this] { start_next(); })),
      limit_(loop.timer([this] {
          out_of_time_ = true;
          if (child_) {
              child_->terminate();
          }
      })) {
}

std::optional<ScenarioQueue::JobId> ScenarioQueue::place(Job job, Listener listener) {
    if (jobs_.size() > (job.from_root ? kWaiting : kWaiting - kKeptForRoot)) {
        return std::nullopt;
    }
    jobs_.push_back({++last_id_, std::move(job), std::move(listener), {}, {}, false});
    next_.set(std::chrono::nanoseconds{0});
    return last_id_;
}

void ScenarioQueue::cancel(JobId id) {
    const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                    [id](const QueuedJob& job) { return job.id == id; });
    if (found == jobs_.end()) {
        return;
    }
    found->cancelled = true;
    found->listener = {};
    if (found == jobs_.begin() && child_) {
        child_->terminate();
    } else {
        jobs_.erase(found);
    }
}

void ScenarioQueue::start_next() {
    if (child_ || jobs_.empty()) {
        return;
    }
    try {
        start();
    } catch (const std::system_error& error) {
        finish(error.what());
    }
}

void ScenarioQueue::start() {
    const Job& job = jobs_.front().job;
    std::vector<std::string> command = command_;
    command.push_back(job.scenario);
    command.insert(command.end(), job.arguments.begin(), job.arguments.end());
    out_of_time_ = false;
    child_ = std::make_unique<Child>(
        loop_, command, [this](const std::string& line) { handle_line(line); },
        [this](const EventLoop::ChildEnd& end) {
            finish(out_of_time_ ? "the run did not end in time" : describe(end));
        });
    limit_.set(job.limit);
}

void ScenarioQueue::handle_line(const std::string& line) {
    QueuedJob& job = jobs_.front();
    // A copy: a listener that cannot keep up is removed by cancel() while it is being called.
    if (const auto on_line = job.listener.line) {
        on_line(line);
    }
    const text::JsonValue json = parse(line);
    if (json.text_of("schema") == "halfclosed.scenario/1") {
        const text::JsonValue* const conclusive = json.find("conclusive");
        const bool judged = conclusive == nullptr ||
                            !conclusive->is(text::JsonValue::Kind::boolean) ||
                            conclusive->boolean();
        job.verdict = {json.text_of("result") == "pass" ? Result::pass
                       : judged                         ? Result::fail
                                                        : Result::not_run,
                       json.text_of("why")};
    } else if (const std::string event = json.text_of("fact");
               event == "refusal" || event == "trouble") {
        job.error = json.text_of("what");
    }
}

void ScenarioQueue::finish(const std::string& end) {
    const std::unique_ptr<Child> child = std::move(child_);
    limit_.stop();
    const QueuedJob job = std::move(jobs_.front());
    jobs_.pop_front();
    if (!job.cancelled) {
        const std::string why = job.error.empty() ? end : job.error;
        if (!job.verdict && job.error.empty() && job.listener.line) {
            job.listener.line(error_line(why));
        }
        on_verdict_(job.job, job.verdict.value_or(Verdict{Result::not_run, why}));
    }
    if (job.listener.end) {
        job.listener.end();
    }
    next_.set(std::chrono::nanoseconds{0});
}

}  // namespace halfclosed::control
