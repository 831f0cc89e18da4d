#include "service/scenario_queue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

namespace halfclosed::control {

namespace {

using Json = nlohmann::json;

Json parse(const std::string& line) {
    const Json json = Json::parse(line, nullptr, false);
    return json.is_object() ? json : Json::object();
}

std::string text(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string trouble_line(const std::string& what) {
    return Json{{"fact", "trouble"}, {"what", what}}.dump(-1, ' ', false,
                                                          Json::error_handler_t::replace);
}

std::string how(const EventLoop::ChildEnd& end) {
    return (end.by_signal ? "the lab was ended by signal " : "the lab ended with status ") +
           std::to_string(end.number) + " and gave no verdict";
}

}  // namespace

LabDesk::LabDesk(EventLoop& loop, std::vector<std::string> command, OnVerdict on_verdict)
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

std::optional<LabDesk::Ticket> LabDesk::place(Order order, Audience audience) {
    if (orders_.size() > kWaiting) {
        return std::nullopt;
    }
    orders_.push_back({++last_ticket_, std::move(order), std::move(audience), {}, {}, false});
    next_.set(std::chrono::nanoseconds{0});
    return last_ticket_;
}

void LabDesk::cancel(Ticket ticket) {
    const auto found = std::find_if(orders_.begin(), orders_.end(), [ticket](const Placed& placed) {
        return placed.ticket == ticket;
    });
    if (found == orders_.end()) {
        return;
    }
    found->cancelled = true;
    found->audience = {};
    if (found == orders_.begin() && child_) {
        child_->terminate();
    } else {
        orders_.erase(found);
    }
}

void LabDesk::start_next() {
    if (child_ || orders_.empty()) {
        return;
    }
    try {
        start();
    } catch (const std::system_error& error) {
        finish(error.what());
    }
}

void LabDesk::start() {
    const Order& order = orders_.front().order;
    std::vector<std::string> command = command_;
    command.push_back(order.scenario);
    command.insert(command.end(), order.arguments.begin(), order.arguments.end());
    out_of_time_ = false;
    child_ = std::make_unique<Child>(
        loop_, command, [this](const std::string& line) { hear(line); },
        [this](const EventLoop::ChildEnd& end) {
            finish(out_of_time_ ? "the run did not end in time" : how(end));
        });
    limit_.set(order.limit);
}

void LabDesk::hear(const std::string& line) {
    Placed& order = orders_.front();
    // A copy: an audience that cannot follow goes by cancel(), while it is being told.
    if (const auto tell = order.audience.line) {
        tell(line);
    }
    const Json json = parse(line);
    if (text(json, "schema") == "halfclosed.scenario/1") {
        const auto conclusive = json.find("conclusive");
        const bool told = conclusive == json.end() || *conclusive != Json(false);
        order.verdict = {text(json, "result") == "pass" ? Result::pass
                         : told                         ? Result::fail
                                                        : Result::not_run,
                         text(json, "why")};
    } else if (const std::string fact = text(json, "fact");
               fact == "refusal" || fact == "trouble") {
        order.trouble = text(json, "what");
    }
}

void LabDesk::finish(const std::string& how_it_ended) {
    const std::unique_ptr<Child> child = std::move(child_);
    limit_.stop();
    const Placed order = std::move(orders_.front());
    orders_.pop_front();
    if (!order.cancelled) {
        const std::string why = order.trouble.empty() ? how_it_ended : order.trouble;
        if (!order.verdict && order.trouble.empty() && order.audience.line) {
            order.audience.line(trouble_line(why));
        }
        on_verdict_(order.order, order.verdict.value_or(Verdict{Result::not_run, why}));
    }
    if (order.audience.end) {
        order.audience.end();
    }
    next_.set(std::chrono::nanoseconds{0});
}

}  // namespace halfclosed::control
