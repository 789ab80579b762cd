"""Constants of a kernel, passed as one argument whose numba type holds them.

numba compiles a function once for each type of its arguments. The type of a `Constants` object
holds the object itself, so a function is compiled for each value of its constants, and the type is
part of the signature, so the disk cache tells them apart. At run time the argument is an empty
pointer, which costs nothing.

`ConstantsCompiler` replaces each `form.name` in a function by its value before types are inferred,
and drops the branches that are never taken. So what a kernel does not need is not even compiled.
"""

from __future__ import annotations

from typing import Any

from numba import extending
from numba.core import config, ir, ir_utils, types
from numba.core.analysis import dead_branch_prune
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.imputils import lower_constant
from numba.core.typed_passes import NativeLowering
from numba.core.untyped_passes import InlineInlinables

from skipgram.errors import ConfigError

if any(feature[:1] not in "+-" for feature in (config.CPU_FEATURES or "").split(",")):
    raise ConfigError(  # LLVM would abort the process
        f"NUMBA_CPU_FEATURES is {config.CPU_FEATURES!r:.80}; write a + or - before each feature, "
        "as in +avx2,+fma, or unset it"
    )

IN_PYTHON = bool(config.DISABLE_JIT)
"""Whether NUMBA_DISABLE_JIT is set, as for coverage and debugging: nothing is compiled then."""


class Constants:
    """Base class of what is compiled into kernels: hashable, with numbers as attributes."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Everything that tells two of them apart."""
        raise NotImplementedError


class ConstantsType(types.Type):
    """The numba type of one `Constants` object."""

    def __init__(self, value: Constants) -> None:
        self.value = value
        super().__init__(name=f"{type(value).__name__}{value.numbers}")


extending.register_model(ConstantsType)(extending.models.OpaqueModel)


@extending.typeof_impl.register(Constants)
def _type_of(value: Constants, _context: Any) -> ConstantsType:
    return ConstantsType(value)


@extending.unbox(ConstantsType)
def _unbox(_type: ConstantsType, _value: Any, native: Any) -> Any:
    return extending.NativeValue(native.context.get_dummy_value())


@lower_constant(ConstantsType)
def _constant(context: Any, _builder: Any, _type: ConstantsType, _value: Any) -> Any:
    return context.get_dummy_value()


@register_pass(mutates_CFG=True, analysis_only=False)
class _InsertConstants(FunctionPass):
    """Replaces attributes of arguments of a `ConstantsType` by their values."""

    _name = "insert_constants"

    def __init__(self) -> None:
        super().__init__()

    def run_pass(self, state: Any) -> bool:
        """Return whether the function changed."""
        code, changed = state.func_ir, False
        for block in code.blocks.values():
            for assignment in block.find_insts(ir.Assign):
                read = assignment.value
                if not (isinstance(read, ir.Expr) and read.op == "getattr"):
                    continue
                source = ir_utils.guard(ir_utils.get_definition, code, read.value)
                constants = self._constants(state, source)
                if constants is not None:
                    assignment.value = ir.Const(getattr(constants, read.attr), read.loc)
                    code._definitions[assignment.target.name] = [assignment.value]
                    changed = True
        if changed:
            dead_branch_prune(code, state.args)
        return changed

    @staticmethod
    def _constants(state: Any, source: Any) -> Constants | None:
        """Return the constants that a variable defined by `source` holds, if any."""
        if isinstance(source, ir.Arg):
            kind = state.args[source.index]
            return kind.value if isinstance(kind, ConstantsType) else None
        known = isinstance(source, ir.Const) and isinstance(source.value, Constants)
        return source.value if known else None


class ConstantsCompiler(CompilerBase):
    """numba's compiler, with `_InsertConstants` before types are inferred.

    Attributes:
        lowering: the pass that makes code.
    """

    lowering: type[NativeLowering] = NativeLowering

    def define_pipelines(self) -> list[Any]:
        """See numba's manual, "Customizing the Compiler"."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_InsertConstants, InlineInlinables)
        passes.passes = [
            (self.lowering if each is NativeLowering else each, why) for each, why in passes.passes
        ]
        passes.finalize()
        return [passes]
