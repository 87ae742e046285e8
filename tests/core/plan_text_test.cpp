#include "core/examples.hpp"

#include <writeback/plan.hpp>

#include <doctest/doctest.h>

using namespace writeback;
using namespace writeback::examples;

namespace {

Operation operation(OperationKind kind) {
    Operation result;
    result.kind = kind;
    result.dn = Dn("CN=Sales,OU=x");
    return result;
}

}  // namespace

TEST_CASE("every operation prints itself on one line") {
    Operation create = operation(OperationKind::create_group);
    create.create = desired();
    create.members = {{identity(1), {}, Evidence::none}};
    CHECK(to_text(create) == "create-group CN=Sales,OU=x: type -2147483640, 1 member");
    create.create.reset();
    CHECK(to_text(create) == "create-group CN=Sales,OU=x: type 0, 1 member");

    Operation modify = operation(OperationKind::modify_group);
    modify.changes = {{"a", {"1"}, {"2"}}, {"b", {}, {"2"}}, {"c", {"1"}, {}}};
    CHECK(to_text(modify) == "modify-group CN=Sales,OU=x: a, +b, -c");

    Operation rename = operation(OperationKind::rename_group);
    rename.new_cn = "a\nb";
    CHECK(to_text(rename) == "rename-group CN=Sales,OU=x: to CN=a?b");

    Operation move = operation(OperationKind::move_group);
    move.new_container = Dn("OU=y");
    CHECK(to_text(move) == "move-group CN=Sales,OU=x: to OU=y");

    Operation convert = operation(OperationKind::convert_group);
    convert.from_type = -2147483640;
    convert.to_type = 8;
    convert.evidence = Evidence::group_deleted;
    CHECK(to_text(convert) == "convert-group CN=Sales,OU=x: -2147483640 to 8 (group-deleted)");

    Operation removal = operation(OperationKind::remove_members);
    removal.members = {{identity(1), {}, Evidence::removed}, {identity(2), {}, Evidence::removed}};
    CHECK(to_text(removal) == "remove-members CN=Sales,OU=x: 2 members (removed)");
    removal.members[1].evidence = Evidence::absent;
    CHECK(to_text(removal) == "remove-members CN=Sales,OU=x: 2 members (1 absent, 1 removed)");

    Operation removed_group = operation(OperationKind::delete_group);
    CHECK(to_text(removed_group) == "delete-group CN=Sales,OU=x");

    Operation addition = operation(OperationKind::add_members);
    addition.members = {{identity(1), {}, Evidence::none}, {identity(2), {}, Evidence::none}};
    CHECK(to_text(addition) == "add-members CN=Sales,OU=x: 2 members");
}

TEST_CASE("a plan prints its operations in order, a line each") {
    Plan plan;
    CHECK(to_text(plan).empty());
    plan.operations = {operation(OperationKind::delete_group),
                       operation(OperationKind::delete_group)};
    CHECK(to_text(plan) == "delete-group CN=Sales,OU=x\ndelete-group CN=Sales,OU=x\n");
}
