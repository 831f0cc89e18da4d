// Any path and query of an order to the daemon, and of a question about its history: a scenario and parameters within their
// bounds, or std::invalid_argument; one answer, never a throw.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "attempt.h"
#include "request.h"
#include "service/flight_recorder.h"
#include "service/history_api.h"
#include "service/run_order.h"

using namespace halfclosed;

namespace {

constexpr std::chrono::minutes kMostHold{10};

void order(const http::Request& request) {
    const auto name = scenario_to_run(request.path);
    if (name && (name->empty() || name->size() >= request.path.size())) {
        std::abort();
    }
    const auto parameters = run_parameters(request, kMostHold);
    if (parameters.hold < parameters.hold.zero() || parameters.hold > kMostHold ||
        parameters.fin_timeout < std::chrono::seconds{1} ||
        parameters.fin_timeout > std::chrono::seconds{60}) {
        std::abort();
    }
}

void ask_history(const http::Request& request) {
    static const FlightRecorder nothing(FlightRecorder::Settings{});
    static HistoryApi history(nothing);
    unsigned answers = 0;
    history.answer(request, [&answers](const http::Answer& answer) {
        answers += answer.status == 400 || answer.status == 404 ? 1 : 0;
    });
    if (answers != 1) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string target(reinterpret_cast<const char*>(data), size);
    attempt<std::invalid_argument>([&] { order(request_for("POST", target)); });
    ask_history(request_for("GET", target));
    return 0;
}
