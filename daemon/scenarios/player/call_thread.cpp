#include "scenarios/player/call_thread.h"

#include <utility>

namespace halfclosed::scenarios {

CallThread::CallThread() : shared_(std::make_shared<Shared>()) {
    std::thread(run, shared_).detach();
}

void CallThread::run(const std::shared_ptr<Shared>& shared) {
    std::unique_lock lock(shared->mutex);
    while (true) {
        shared->changed.wait(lock, [&shared] { return static_cast<bool>(shared->call); });
        const auto call = std::exchange(shared->call, nullptr);
        lock.unlock();
        Ended ended;
        try {
            ended.made = call();
        } catch (...) {
            ended.failure = std::current_exception();
        }
        ended.at = Clock::now();
        lock.lock();
        shared->ended = std::move(ended);
        shared->changed.notify_all();
    }
}

void CallThread::start(std::function<MadeSystemCall()> call) {
    const std::lock_guard lock(shared_->mutex);
    shared_->call = std::move(call);
    shared_->changed.notify_all();
}

std::optional<CallThread::Ended> CallThread::wait(std::chrono::microseconds most) {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait_for(lock, most, [this] { return shared_->ended.has_value(); });
    auto ended = std::exchange(shared_->ended, std::nullopt);
    if (ended && ended->failure) {
        std::rethrow_exception(ended->failure);
    }
    return ended;
}

}  // namespace halfclosed::scenarios
