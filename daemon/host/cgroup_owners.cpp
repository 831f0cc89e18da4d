#include "host/cgroup_owners.h"

#include <algorithm>
#include <utility>

#include "posix/clock.h"

namespace halfclosed::host {

void Owners::look_up(std::span<const CgroupId> ids, std::chrono::nanoseconds now) {
    Answers answers;
    std::set<CgroupId> unknown;
    std::size_t beyond = 0;
    for (const CgroupId id : ids) {
        if (answers.contains(id) || unknown.contains(id)) {
            continue;
        }
        if (answers.size() + unknown.size() == kMost) {
            ++beyond;
        } else if (auto known = answers_.extract(id)) {
            answers.insert(std::move(known));
        } else {
            unknown.insert(id);
        }
    }
    answers_ = std::move(answers);
    if (!walks_) {
        ask_by_handle(unknown, answers_);
    }
    if (walks_ && !unknown.empty()) {
        ask_by_walk(unknown, answers_, now);
    }
    unresolved_ = unknown.size() + beyond;
}

void Owners::ask_by_handle(std::set<CgroupId>& unknown, Answers& answers) {
    while (!unknown.empty()) {
        const CgroupId id = *unknown.begin();
        std::string path;
        switch (tree_.by_handle(id, path)) {
            case CgroupTree::Lookup::found:
                answers[id] = {owner_of(path)};
                break;
            case CgroupTree::Lookup::gone:
                answers[id] = {};
                break;
            case CgroupTree::Lookup::not_visible:
                answers[id] = {.owner = std::nullopt, .visible = false};
                break;
            case CgroupTree::Lookup::not_permitted:
                walks_ = true;
                return;
        }
        unknown.erase(id);
    }
}

void Owners::ask_by_walk(std::set<CgroupId>& unknown, Answers& answers,
                         std::chrono::nanoseconds now) {
    if (now < next_walk_) {
        return;
    }
    const std::chrono::nanoseconds start = posix::thread_cpu_time();
    const CgroupTree::Walk walk = tree_.find(unknown, kMostDirectories);
    next_walk_ = now + kWalkPauseFactor * (posix::thread_cpu_time() - start);
    for (const auto& [id, path] : walk.paths) {
        answers[id] = {owner_of(path)};
        unknown.erase(id);
    }
    if (walk.complete) {
        // A socket's cgroup was there before the socket was seen: what a whole walk of the whole tree does not meet
        // is gone.
        for (const CgroupId id : unknown) {
            answers[id] = {.owner = std::nullopt, .visible = tree_.whole()};
        }
        unknown.clear();
    }
}

const Owner* Owners::find(CgroupId id) const {
    const auto answer = answers_.find(id);
    return answer != answers_.end() && answer->second.owner ? &*answer->second.owner : nullptr;
}

std::size_t Owners::not_visible() const {
    return static_cast<std::size_t>(
        std::count_if(answers_.begin(), answers_.end(),
                      [](const auto& answer) { return !answer.second.visible; }));
}

}  // namespace halfclosed::host
