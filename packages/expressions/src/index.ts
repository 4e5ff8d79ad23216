/** JSONata over events, for transforms of routes and for columns of tables. */
export { compileExpression, type Expression, ExpressionError } from './expression.js';
